using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Web.Tags;

/// <summary><c>&lt;error-summary /&gt;</c> on top of a form: every error, each a link to its field. Nothing when all is well.</summary>
[HtmlTargetElement("error-summary", TagStructure = TagStructure.WithoutEndTag)]
public sealed class ErrorSummaryTag(IStringLocalizer<Texts> texts) : TagHelper
{
    [HtmlAttributeNotBound]
    [ViewContext]
    public ViewContext View { get; set; } = null!;

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        if (View.ModelState.ErrorCount == 0)
        {
            output.SuppressOutput();
            return;
        }
        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "notice notice--error");
        output.Attributes.SetAttribute("role", "alert");
        output.Attributes.SetAttribute("tabindex", "-1");
        output.Attributes.SetAttribute("data-errors", "");
        var title = new TagBuilder("p");
        title.AddCssClass("notice__title");
        title.InnerHtml.Append(texts["Rien n'a été enregistré : voici ce qu'il faut revoir"]);
        output.Content.SetHtmlContent(Icon.Markup("stop"));
        output.Content.AppendHtml("<div class=\"notice__body\">");
        output.Content.AppendHtml(title);
        output.Content.AppendHtml(Errors());
        output.Content.AppendHtml("</div>");
    }

    private TagBuilder Errors()
    {
        var list = new TagBuilder("ul");
        foreach (var (field, entry) in View.ModelState)
            foreach (var error in entry!.Errors)
            {
                var line = new TagBuilder("li");
                var message = new TagBuilder(field.Length == 0 ? "span" : "a");
                if (field.Length > 0)
                    message.Attributes["href"] = "#" + TagBuilder.CreateSanitizedId(field, "_");
                message.InnerHtml.Append(error.ErrorMessage);
                line.InnerHtml.AppendHtml(message);
                list.InnerHtml.AppendHtml(line);
            }
        return list;
    }
}
