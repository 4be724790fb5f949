using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Web.Tags;

/// <summary>
/// The page's one h1, its window title, and the way back: <c>&lt;page-heading heading="@T["…"]" lead="@T["…"]" trail="@([new(T["…"], "/vault")])"&gt;</c>.
/// Content, when given, is the page's main action and stands at the right.
/// </summary>
[HtmlTargetElement("page-heading")]
public sealed class PageHeadingTag(IStringLocalizer<Texts> texts) : TagHelper
{
    public required string Heading { get; set; }

    public string? Lead { get; set; }

    public IReadOnlyList<Crumb> Trail { get; set; } = [];

    [HtmlAttributeNotBound]
    [ViewContext]
    public ViewContext View { get; set; } = null!;

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        View.ViewData["Title"] = Heading;
        var action = await output.GetChildContentAsync();
        output.TagName = null;
        output.TagMode = TagMode.StartTagAndEndTag;
        if (Trail.Count > 0)
            output.Content.AppendHtml(Way());
        output.Content.AppendHtml("<div class=\"heading\"><div class=\"heading__text\">");
        output.Content.AppendHtml(Element("h1", Heading));
        if (!string.IsNullOrEmpty(Lead))
            output.Content.AppendHtml(Element("p", Lead, "lead"));
        output.Content.AppendHtml("</div>");
        if (!action.IsEmptyOrWhiteSpace)
            output.Content.AppendHtml(action);
        output.Content.AppendHtml("</div>");
    }

    private TagBuilder Way()
    {
        var list = new TagBuilder("ol");
        foreach (var crumb in Trail)
        {
            var link = Element("a", crumb.Title);
            link.Attributes["href"] = crumb.Address;
            list.InnerHtml.AppendHtml(Wrap("li", link));
        }
        var here = Element("li", Heading);
        here.Attributes["aria-current"] = "page";
        list.InnerHtml.AppendHtml(here);
        var way = Wrap("nav", list);
        way.AddCssClass("trail");
        way.Attributes["aria-label"] = texts["Fil d'Ariane"];
        return way;
    }

    private static TagBuilder Element(string name, string text, string? css = null)
    {
        var element = new TagBuilder(name);
        element.InnerHtml.Append(text);
        if (css is not null)
            element.AddCssClass(css);
        return element;
    }

    private static TagBuilder Wrap(string name, TagBuilder inner)
    {
        var element = new TagBuilder(name);
        element.InnerHtml.AppendHtml(inner);
        return element;
    }
}
