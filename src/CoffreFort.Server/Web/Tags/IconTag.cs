using Microsoft.AspNetCore.Razor.TagHelpers;

namespace CoffreFort.Server.Web.Tags;

/// <summary><c>&lt;icon name="document" /&gt;</c></summary>
[HtmlTargetElement("icon", TagStructure = TagStructure.WithoutEndTag)]
public sealed class IconTag : TagHelper
{
    public required string Name { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = null;
        output.Content.SetHtmlContent(Icon.Markup(Name));
    }
}
