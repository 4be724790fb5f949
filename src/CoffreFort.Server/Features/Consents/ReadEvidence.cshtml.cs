using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Features.Consents;

/// <summary>A clerk chooses a piece, says why, and then reads it: opening it or downloading it is what is recorded.</summary>
[Authorize(Policies.Clerk)]
public sealed class ReadEvidenceModel(
    SeeConsent consents, ListEvidence evidence, HolderNames names, EvidenceCatalogue catalogue, IStringLocalizer<Texts> texts) : PageModel
{
    [BindProperty]
    public Guid? Document { get; set; }

    [BindProperty]
    public string? Reason { get; set; }

    /// <summary>Where a sealed copy of the chosen piece is to be had, when the share lets it be taken out so.</summary>
    public string? SealedCopy { get; private set; }

    public ConsentView Consent { get; private set; } = null!;

    public string? Holder { get; private set; }

    public IReadOnlyList<EvidenceItem> Items { get; private set; } = [];

    /// <summary>The piece that was chosen, once the reason is given.</summary>
    public DocumentPreview? Preview { get; private set; }

    /// <summary>The signature that it brought along; null for none.</summary>
    public SignatureView? Signature { get; private set; }

    /// <summary>Where the signature file that came beside it is to be had; null when none did.</summary>
    public string? SignatureFile { get; private set; }

    public string Procedure => catalogue.FindProcedure(Consent.Procedure)?.Name.Say() ?? Consent.Procedure;

    public string Purpose => catalogue.SayPurpose(Consent.Procedure, Consent.Purpose);

    public string TitleOf(EvidenceItem item) => item.Title is { Length: > 0 } title ? title : catalogue.NameOf(item.EvidenceType);

    public string TypeOf(EvidenceItem item) => catalogue.NameOf(item.EvidenceType);

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation) => await LoadAsync(id, cancellation) ?? Page();

    public async Task<IActionResult> OnPostAsync(Guid id, CancellationToken cancellation)
    {
        if (await LoadAsync(id, cancellation) is { } refused) return refused;
        var item = Items.FirstOrDefault(one => one.Document == Document);
        if (item is null) ModelState.AddModelError(nameof(Document), texts["Choisissez le justificatif à lire."]);
        if (EvidenceReader.Clean(Reason) is null) ModelState.AddModelError(nameof(Reason), texts[Denial.NoReason.Told.Detail]);
        if (!ModelState.IsValid || item is null) return Page();
        Signature = item.Signature;
        if (item.Signature is { Beside: true }) SignatureFile = $"/api/v1/consents/{id}/evidence/{item.Document}/signature?version={item.Version}";
        var content = $"/api/v1/consents/{id}/evidence/{item.Document}/content?version={item.Version}&reason={Uri.EscapeDataString(EvidenceReader.Clean(Reason)!)}";
        Preview = new DocumentPreview(
            content + "&use=view", Consent.Delivery == Deliveries.Download ? content + "&use=download" : null, item.MediaType, item.Size, TitleOf(item));
        if (Consent.Delivery == Deliveries.Sealed) SealedCopy = content.Replace("/content?", "/sealed?", StringComparison.Ordinal);
        return Page();
    }

    private async Task<IActionResult?> LoadAsync(Guid id, CancellationToken cancellation)
    {
        var person = Person.From(User);
        var (items, refusal) = await evidence.OfAsync(id, person.Id, HttpContext.Actor(), cancellation);
        if (refusal is not null) return this.Refused(refusal);
        if (await consents.FindAsync(id, person, cancellation) is not { } consent) return this.Refused(Refusal.NotFound);
        (Consent, Items) = (consent, items);
        Holder = await names.OfAsync(consent.Vault, cancellation);
        return null;
    }
}
