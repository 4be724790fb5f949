using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace CoffreFort.Server.Web.Tags;

/// <summary>
/// Label, hint and error around one control: <c>&lt;form-field for="Reason" label="@T["…"]" hint="@T["…"]"&gt;&lt;input asp-for="Reason" /&gt;&lt;/form-field&gt;</c>.
/// The control inside is tied to them for screen readers.
/// </summary>
[HtmlTargetElement("form-field")]
public sealed class FormFieldTag : TagHelper
{
    public required ModelExpression For { get; set; }

    public required string Label { get; set; }

    public string? Hint { get; set; }

    [HtmlAttributeNotBound]
    [ViewContext]
    public ViewContext View { get; set; } = null!;

    private string Name => View.ViewData.TemplateInfo.GetFullHtmlFieldName(For.Name);

    private string Error => View.ModelState.TryGetValue(Name, out var entry) && entry.Errors.Count > 0 ? entry.Errors[0].ErrorMessage : "";

    public override void Init(TagHelperContext context)
    {
        var id = TagBuilder.CreateSanitizedId(Name, "_");
        string?[] described = [Hint is null ? null : id + "-hint", Error.Length == 0 ? null : id + "-error"];
        context.Items[typeof(FormFieldTag)] = (For.Name, string.Join(' ', described.Where(part => part is not null)), Error.Length > 0);
    }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var id = TagBuilder.CreateSanitizedId(Name, "_");
        output.TagName = "div";
        output.Attributes.SetAttribute("class", Error.Length > 0 ? "field field--wrong" : "field");
        var label = new TagBuilder("label");
        label.Attributes["for"] = id;
        label.InnerHtml.Append(Label);
        output.PreContent.SetHtmlContent(label);
        if (Hint is not null)
            output.PreContent.AppendHtml(Line(id + "-hint", "hint", Hint));
        if (Error.Length > 0)
            output.PreContent.AppendHtml(Line(id + "-error", "field__error", Error));
    }

    private static TagBuilder Line(string id, string css, string text)
    {
        var line = new TagBuilder("p");
        line.Attributes["id"] = id;
        line.AddCssClass(css);
        line.InnerHtml.Append(text);
        return line;
    }
}
