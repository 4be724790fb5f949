using Microsoft.AspNetCore.Razor.TagHelpers;

namespace CoffreFort.Server.Web.Tags;

/// <summary>Says a table's roles aloud: where the screen is narrow its cells are shown as cards, and some browsers then forget that it is a table.</summary>
[HtmlTargetElement("table")]
[HtmlTargetElement("thead")]
[HtmlTargetElement("tbody")]
[HtmlTargetElement("tr")]
[HtmlTargetElement("td")]
[HtmlTargetElement("th")]
public sealed class TableRoleTag : TagHelper
{
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        if (output.Attributes.ContainsName("role"))
            return;
        output.Attributes.SetAttribute("role", context.TagName switch
        {
            "table" => "table",
            "thead" or "tbody" => "rowgroup",
            "tr" => "row",
            "td" => "cell",
            _ => output.Attributes["scope"]?.Value?.ToString() == "row" ? "rowheader" : "columnheader",
        });
    }
}
