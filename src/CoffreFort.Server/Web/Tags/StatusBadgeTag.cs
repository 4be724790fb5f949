using Microsoft.AspNetCore.Razor.TagHelpers;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Web.Tags;

/// <summary><c>&lt;status-badge of="stale" /&gt;</c>: icon and word for a state as the API names it. Content, when given, is said instead of the usual word.</summary>
[HtmlTargetElement("status-badge")]
public sealed class StatusBadgeTag(IStringLocalizer<Texts> texts) : TagHelper
{
    private static readonly Dictionary<string, (string Tone, string Icon, string Text)> States = new()
    {
        ["satisfied"] = ("good", "check", Texts.Of("À jour")),
        ["stale"] = ("warn", "renew", Texts.Of("À renouveler")),
        ["missing"] = ("bad", "cross", Texts.Of("Manquant")),
        ["not-due"] = ("quiet", "minus", Texts.Of("Non exigible")),
        ["pending"] = ("info", "clock", Texts.Of("En attente")),
        ["approved"] = ("good", "check", Texts.Of("Accord donné")),
        ["resolved"] = ("good", "check", Texts.Of("Déjà couvert")),
        ["refused"] = ("bad", "cross", Texts.Of("Refus")),
        ["withdrawn"] = ("quiet", "minus", Texts.Of("Retrait")),
        ["expired"] = ("quiet", "clock", Texts.Of("Délai écoulé")),
        ["active"] = ("good", "check", Texts.Of("En cours")),
        ["upcoming"] = ("info", "clock", Texts.Of("À venir")),
        ["revoked"] = ("bad", "stop", Texts.Of("Accès retiré")),
        ["used-up"] = ("quiet", "minus", Texts.Of("Utilisations épuisées")),
        ["read"] = ("info", "eye", Texts.Of("Lecture")),
        ["quarantined"] = ("bad", "stop", Texts.Of("En quarantaine")),
        ["draft"] = ("quiet", "document", Texts.Of("En préparation")),
        ["submitted"] = ("info", "inbox", Texts.Of("Transmis")),
        ["received"] = ("info", "inbox", Texts.Of("Reçu")),
        ["decided"] = ("good", "check", Texts.Of("Décision rendue")),
        ["announced"] = ("info", "clock", Texts.Of("Annonce")),
        ["accepted"] = ("good", "check", Texts.Of("Passage de relais accepté")),
        ["effective"] = ("good", "move", Texts.Of("Prise d'effet")),
        ["cancelled"] = ("quiet", "cross", Texts.Of("Annulation")),
        ["proposed"] = ("info", "clock", Texts.Of("À confirmer")),
        ["enrolled"] = ("good", "check", Texts.Of("Inscrit")),
        ["ended"] = ("quiet", "minus", Texts.Of("Terminé")),
        ["erased"] = ("quiet", "lock", Texts.Of("Effacement")),
    };

    public required string Of { get; set; }

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var (tone, icon, text) = States.TryGetValue(Of, out var state) ? state : ("quiet", "question", Of);
        var said = await output.GetChildContentAsync();
        output.TagName = "span";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", $"badge badge--{tone}");
        output.Content.SetHtmlContent(Icon.Markup(icon));
        if (said.IsEmptyOrWhiteSpace)
            output.Content.Append(texts[text]);
        else
            output.Content.AppendHtml(said);
    }
}
