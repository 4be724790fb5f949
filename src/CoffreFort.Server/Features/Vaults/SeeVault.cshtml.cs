using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Usage;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Features.Vaults;

/// <summary>My evidence: the holder's own documents, and how far they go for each procedure. On the first visit, the vault is opened here.</summary>
[Authorize(Policies.Holder)]
public sealed class SeeVaultModel(VaultFinder vaults, DocumentLister documents, EvidenceCatalogue catalogue, UsageReader usage, TimeProvider clock, IStringLocalizer<Texts> texts)
    : PageModel
{
    public EvidenceCatalogue Catalogue => catalogue;

    public VaultEntry? Vault { get; private set; }

    public VaultContents? Contents { get; private set; }

    public int DepositsAvoided { get; private set; }

    public Situation Situation { get; private set; } = Situation.None;

    public async Task OnGetAsync(string[] situation, CancellationToken cancellation)
    {
        Vault = await vaults.OfHolderAsync(Person.From(User).Id, cancellation);
        if (Vault is null) return;
        DepositsAvoided = await usage.DepositsAvoidedAsync(Vault.Vault, cancellation);
        Situation = Situation.Of(catalogue.Situations.Select(flag => flag.Code).Intersect(situation));
        Contents = await VaultContents.LoadAsync(Vault.Vault, Situation, FrenchCalendar.DayOf(clock.GetUtcNow()), documents, catalogue, cancellation);
    }

    public async Task<IActionResult> OnPostAsync(
        [FromServices] ActRunner acts, [FromServices] EventStore.Journal journal, [FromServices] KeyStore keys, [FromServices] RequestKeys request, CancellationToken cancellation)
    {
        var outcome = await OpenVault.Handle(Person.From(User), HttpContext.Actor(), acts, journal, keys, request, cancellation);
        if (outcome.Refusal is { } refusal) return this.Refused(refusal);
        Views.ReadPosition.Tell(HttpContext, outcome.Written!.LastPosition);
        TempData["Done"] = Texts.Of("Votre coffre est ouvert.");
        return LocalRedirect("/vault");
    }

    public string Word(PieceStatus status) => status switch
    {
        PieceStatus.Satisfied => "satisfied",
        PieceStatus.Stale => "stale",
        PieceStatus.Missing => "missing",
        _ => "not-due",
    };

    /// <summary>What there is to know about a piece, and what would do, in plain sentences.</summary>
    public IEnumerable<string> Facts(Piece piece)
    {
        if (piece.StaleSince is { } since) yield return texts["Trop ancien depuis le {0}.", Show.Day(since)];
        if (piece is { Status: PieceStatus.Satisfied, FreshUntil: { } until }) yield return texts["Convient jusqu'au {0}.", Show.Day(until)];
        if (piece.Assumptions.Count > 0) yield return texts["Une date n'est pas indiquée : ce résultat la suppose."];
        if (piece.Effect is { } effect) yield return effect.Say();
        if (piece.Status == PieceStatus.NotDue && piece.Rule is { } rule) yield return texts["Elle ne peut pas vous être demandée : {0}", rule.Say()];
        foreach (var remedy in piece.WouldDo.Take(3)) yield return texts.Say(remedy, catalogue);
    }
}
