using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>Says what erasing the whole vault means, has the holder type that they mean it, and erases; or keeps the vault after all.</summary>
[Authorize(Policies.Holder)]
public sealed class EraseMyVaultModel(
    VaultFinder vaults, DocumentLister documents, ErasureReader erasures, ActRunner acts, ErasureSettings settings, TimeProvider clock, IStringLocalizer<Texts> texts) : PageModel
{
    private const int Most = 2000;

    public VaultEntry Vault { get; private set; } = null!;

    public ErasureView? Pending { get; private set; }

    /// <summary>The legal hold that stands, if one does.</summary>
    public HoldView? Hold { get; private set; }

    public int Documents { get; private set; }

    [BindProperty]
    public string? When { get; set; }

    /// <summary>What the holder types to confirm.</summary>
    [BindProperty]
    public string? Word { get; set; }

    public string Asked => texts["EFFACER"];

    public int GraceDays => settings.Days;

    public DateTimeOffset GraceEnds => clock.GetUtcNow().AddDays(settings.Days);

    public DateTimeOffset FinalAtOnce => EpochEnd.FinalAfter(clock.GetUtcNow());

    public DateTimeOffset FinalAfterGrace => EpochEnd.FinalAfter(GraceEnds);

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation) => await LoadAsync(cancellation) ? Page() : LocalRedirect("/my-data");

    public async Task<IActionResult> OnPostAsync([FromServices] CarryOutErasure carryOut, CancellationToken cancellation)
    {
        if (!await LoadAsync(cancellation)) return LocalRedirect("/my-data");
        if (!string.Equals(Word?.Trim(), Asked, StringComparison.OrdinalIgnoreCase))
        {
            ModelState.AddModelError(nameof(Word), texts["Tapez {0} pour confirmer. Rien n'a été effacé.", Asked]);
            return Page();
        }

        var atOnce = When == EraseDocumentModel.AtOnce;
        var outcome = await EraseVault.Handle(Vault.Vault, atOnce ? TimeSpan.Zero : TimeSpan.FromDays(settings.Days), HttpContext.Actor(), acts, cancellation);
        if (outcome.Refusal is { } refusal) return this.Refused(refusal);
        await carryOut.TryVaultAsync(Vault.Vault);
        return Done(outcome, atOnce && Hold is null ? Texts.Of("Votre coffre est effacé.") : Texts.Of("L'effacement est demandé. Vous pouvez encore l'annuler."));
    }

    public async Task<IActionResult> OnPostKeepAsync(CancellationToken cancellation)
    {
        if (!await LoadAsync(cancellation)) return LocalRedirect("/my-data");
        var outcome = await CancelVaultErasure.Handle(Vault.Vault, HttpContext.Actor(), acts, cancellation);
        return outcome.Refusal is { } refusal ? this.Refused(refusal) : Done(outcome, Texts.Of("L'effacement est annulé : tout est comme avant."));
    }

    private async Task<bool> LoadAsync(CancellationToken cancellation)
    {
        var person = Person.From(User);
        if (await vaults.OfHolderAsync(person.Id, cancellation) is not { } vault) return false;
        Vault = vault;
        Pending = await erasures.FindAsync(vault.Vault, person, cancellation);
        Hold = await erasures.HoldOfVaultAsync(vault.Vault, cancellation);
        Documents = (await documents.ListAsync(vault.Vault, null, Most, cancellation)).Count;
        return true;
    }

    private LocalRedirectResult Done(Outcome outcome, string said)
    {
        if (outcome.Written is { } written) Views.ReadPosition.Tell(HttpContext, written.LastPosition);
        TempData["Done"] = said;
        return LocalRedirect("/my-data");
    }
}
