using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace CoffreFort.Server.Web.Tags;

/// <summary><c>&lt;notice kind="success" heading="…"&gt;&lt;p&gt;…&lt;/p&gt;&lt;/notice&gt;</c>; kinds: info, success, warning, error.</summary>
[HtmlTargetElement("notice")]
public sealed class NoticeTag : TagHelper
{
    public string Kind { get; set; } = "info";

    public string? Heading { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "div";
        output.Attributes.SetAttribute("class", $"notice notice--{Kind}");
        if (Kind is "success" or "error")
            output.Attributes.SetAttribute("role", Kind == "error" ? "alert" : "status");
        output.PreContent.SetHtmlContent(Icon.Markup(Kind switch { "success" => "check", "warning" => "warning", "error" => "stop", _ => "info" }));
        output.PreContent.AppendHtml("<div class=\"notice__body\">");
        if (Heading is not null)
        {
            var title = new TagBuilder("p");
            title.AddCssClass("notice__title");
            title.InnerHtml.Append(Heading);
            output.PreContent.AppendHtml(title);
        }
        output.PostContent.SetHtmlContent("</div>");
    }
}
