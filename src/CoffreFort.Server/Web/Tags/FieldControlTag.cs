using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace CoffreFort.Server.Web.Tags;

/// <summary>Ties the control of a <see cref="FormFieldTag"/> to its hint and its error.</summary>
[HtmlTargetElement("input", Attributes = "asp-for")]
[HtmlTargetElement("select", Attributes = "asp-for")]
[HtmlTargetElement("textarea", Attributes = "asp-for")]
public sealed class FieldControlTag : TagHelper
{
    [HtmlAttributeName("asp-for")]
    public required ModelExpression For { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        if (!context.Items.TryGetValue(typeof(FormFieldTag), out var item) || item is not (string name, string described, bool wrong) || name != For.Name)
            return;
        if (described.Length > 0)
            output.Attributes.SetAttribute("aria-describedby", described);
        if (wrong)
            output.Attributes.SetAttribute("aria-invalid", "true");
    }
}
