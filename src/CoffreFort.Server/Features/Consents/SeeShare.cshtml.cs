using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Usage;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Consents;

/// <summary>One consent: what was agreed, what it has been used for, and the way to end it.</summary>
[Authorize(Policies.Holder)]
public sealed class SeeShareModel(SeeConsent consents, UsageReader usage, Journal journal, RequestKeys keys, EvidenceCatalogue catalogue) : PageModel
{
    private const int Shown = 50;

    public ConsentView Share { get; private set; } = null!;

    public IReadOnlyList<SharedPiece> Pieces { get; private set; } = [];

    /// <summary>Newest first.</summary>
    public IReadOnlyList<UsageLine> Lines { get; private set; } = [];

    public bool Asking { get; private set; }

    /// <summary>What a change of posting does to it; null when that has nothing to do with it.</summary>
    public string? UponPosting { get; private set; }

    public string Procedure => catalogue.FindProcedure(Share.Procedure)?.Name.Say() ?? Share.Procedure;

    public string Purpose => catalogue.SayPurpose(Share.Procedure, Share.Purpose);

    public string LegalBasis => catalogue.SayLegalBasis(Share.Procedure, Share.LegalBasis);

    public IEnumerable<string> TypeNames => Share.EvidenceTypes.Select(catalogue.NameOf);

    public async Task<IActionResult> OnGetAsync(Guid id, bool asking, CancellationToken cancellation)
    {
        if (await consents.FindAsync(id, Person.From(User), cancellation) is not { } share) return this.Refused(Refusal.NotFound);
        (Share, Asking) = (share, asking && share.RevokedAt is null);
        UponPosting = await SayUponPostingAsync(cancellation);
        Lines = await usage.ListAsync(share.Vault, new UsageFilter(Consent: id), Shown, cancellation);
        var pieces = new List<SharedPiece>();
        foreach (var piece in share.Pieces)
        {
            var document = await journal.AggregateStreamAsync<Document>(piece.Document, cancellation: cancellation);
            var title = await keys.RevealAsync(share.Vault, document?.Title, cancellation);
            pieces.Add(new SharedPiece(piece.Document, piece.Version, title is { Length: > 0 } ? title : catalogue.NameOf(piece.EvidenceType)));
        }

        Pieces = pieces;
        return Page();
    }

    /// <summary>Only what was given to the space that was the holder's at that moment ends with it: of any other space's they must hear that it doesn't.</summary>
    private async Task<string?> SayUponPostingAsync(CancellationToken cancellation)
    {
        if (!Share.Stands) return null;
        var consent = await journal.AggregateStreamAsync<Consent>(Share.Id, cancellation: cancellation);
        if (consent?.Granted is { TiedToPosting: true }) return Texts.Of("Il se termine de lui-même le jour où vous changez d'espace, s'il n'est pas terminé avant.");
        var grantee = await journal.AggregateStreamAsync<Agency>(Share.Grantee, cancellation: cancellation);
        return grantee?.IsSpace == true ? Texts.Of("Il ne se termine pas avec une mutation : cet espace n'était pas le vôtre quand vous l'avez donné. Retirez-le quand il ne sert plus.") : null;
    }

    public async Task<IActionResult> OnPostAsync(Guid id, [FromServices] ActRunner acts, CancellationToken cancellation)
    {
        var outcome = await RevokeConsent.Handle(id, HttpContext.Actor(), acts, cancellation);
        if (outcome.Refusal is { } refusal) return this.Refused(refusal);
        if (outcome.Written is { } written) Views.ReadPosition.Tell(HttpContext, written.LastPosition);
        TempData["Done"] = Texts.Of("Le partage est retiré : plus rien ne peut être lu.");
        return LocalRedirect($"/shares/{id}");
    }
}

public sealed record SharedPiece(Guid Document, int Version, string Title);
