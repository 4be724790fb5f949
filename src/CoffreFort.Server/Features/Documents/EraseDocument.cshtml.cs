using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Documents;

/// <summary>Says exactly what goes, what stays and until when it can be taken back, and then erases; or keeps the document after all.</summary>
[Authorize(Policies.Holder)]
public sealed class EraseDocumentModel(SeeDocument documents, ActRunner acts, ErasureSettings settings, EvidenceCatalogue catalogue, TimeProvider clock) : PageModel
{
    /// <summary>The form's word for "no grace".</summary>
    public const string AtOnce = "now";

    public DocumentView Document { get; private set; } = null!;

    [BindProperty]
    public string? When { get; set; }

    public string Title => Document.Title is { Length: > 0 } title ? title : catalogue.NameOf(Document.EvidenceType);

    public int GraceDays => settings.Days;

    public DateTimeOffset GraceEnds => clock.GetUtcNow().AddDays(settings.Days);

    /// <summary>If it were erased at once.</summary>
    public DateTimeOffset FinalAtOnce => EpochEnd.FinalAfter(clock.GetUtcNow());

    public DateTimeOffset FinalAfterGrace => EpochEnd.FinalAfter(GraceEnds);

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation) => await LoadAsync(id, cancellation) ?? Page();

    public async Task<IActionResult> OnPostAsync(Guid id, [FromServices] CarryOutErasure erasures, CancellationToken cancellation)
    {
        if (await LoadAsync(id, cancellation) is { } gone) return gone;
        var outcome = await EraseDocument.Handle(id, When == AtOnce ? TimeSpan.Zero : TimeSpan.FromDays(settings.Days), HttpContext.Actor(), acts, cancellation);
        if (outcome.Refusal is { } refusal) return this.Refused(refusal);
        await erasures.TryDocumentAsync(id);
        return Done(id, outcome, When == AtOnce && Document.Hold is null ? Texts.Of("Le document est effacé.") : Texts.Of("L'effacement est demandé. Vous pouvez encore l'annuler."));
    }

    public async Task<IActionResult> OnPostKeepAsync(Guid id, CancellationToken cancellation)
    {
        if (await LoadAsync(id, cancellation) is { } gone) return gone;
        var outcome = await CancelDocumentErasure.Handle(id, HttpContext.Actor(), acts, cancellation);
        return outcome.Refusal is { } refusal ? this.Refused(refusal) : Done(id, outcome, Texts.Of("L'effacement est annulé : tout est comme avant."));
    }

    private async Task<IActionResult?> LoadAsync(Guid id, CancellationToken cancellation)
    {
        if (await documents.FindAsync(id, Person.From(User), cancellation) is not { } found) return this.Refused(Refusal.NotFound);
        Document = found;
        return found.Erasure is { State: not ErasureView.Pending } ? LocalRedirect($"/documents/{id}") : null;
    }

    private LocalRedirectResult Done(Guid id, Outcome outcome, string said)
    {
        if (outcome.Written is { } written) Views.ReadPosition.Tell(HttpContext, written.LastPosition);
        TempData["Done"] = said;
        return LocalRedirect($"/documents/{id}");
    }
}
