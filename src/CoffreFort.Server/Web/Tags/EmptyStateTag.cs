using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace CoffreFort.Server.Web.Tags;

/// <summary><c>&lt;empty-state icon="inbox" heading="…"&gt;&lt;p&gt;what to do next&lt;/p&gt;&lt;/empty-state&gt;</c></summary>
[HtmlTargetElement("empty-state")]
public sealed class EmptyStateTag : TagHelper
{
    public string Icon { get; set; } = "document";

    public required string Heading { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "div";
        output.Attributes.SetAttribute("class", "empty");
        var title = new TagBuilder("h2");
        title.InnerHtml.Append(Heading);
        output.PreContent.SetHtmlContent(Web.Icon.Markup(Icon));
        output.PreContent.AppendHtml(title);
    }
}
