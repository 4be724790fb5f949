using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>A clerk asks by procedure, for the address that the person gave.</summary>
[Authorize(Policies.Clerk)]
public sealed class AskForAccessModel(AgencyFinder agencies, VaultFinder vaults, EvidenceCatalogue catalogue) : PageModel
{
    public EvidenceCatalogue Catalogue => catalogue;

    /// <summary>Those for which the agency is habilitated.</summary>
    public IReadOnlyList<Procedure> Procedures { get; private set; } = [];

    [BindProperty]
    public string? Address { get; set; }

    [BindProperty]
    public string? Procedure { get; set; }

    [BindProperty]
    public string[] Situation { get; set; } = [];

    [BindProperty]
    public string? Message { get; set; }

    [BindProperty]
    public string? Expires { get; set; }

    /// <summary>Names this one filling-in of the form: a double click asks once.</summary>
    [BindProperty]
    public Guid Once { get; set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Once = Guid.NewGuid();
        await LoadAsync(cancellation);
    }

    public async Task<IActionResult> OnPostAsync(
        [FromServices] ActRunner acts, [FromServices] CoveringConsents consents, [FromServices] VaultEvidence evidence,
        [FromServices] DueMutations mutations, [FromServices] RequestKeys keys, CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        if (!TypedDay.TryEnd(Expires, out var expires)) return this.Refused(TypedDay.NotADay);
        var actor = HttpContext.Actor();
        var ask = new AskForAccess.Ask(Address ?? "", Procedure ?? "", Situation, Message, expires);
        var once = actor with { IdempotencyKey = $"ask {actor.Person:N} {Once:N}" };
        var outcome = await AskForAccess.Handle(ask, once, acts, agencies, vaults, consents, evidence, mutations, keys, catalogue, cancellation);
        // Said at the field, not as a missing page: the clerk may have mistyped it.
        if (outcome.Refusal is { Status: 404 }) return Wrong(UnknownAddress);
        if (outcome.Refusal is { } refusal) return this.Refused(refusal);
        Views.ReadPosition.Tell(HttpContext, outcome.Written!.LastPosition);
        TempData["Done"] = Texts.Of("La demande est enregistrée.");
        return LocalRedirect($"/agency/requests/{outcome.Stream}");
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        if (await agencies.OfClerkAsync(Person.From(User).Id, cancellation) is not { } agency) return;
        var rights = await agencies.HabilitationsAsync(agency.Agency, cancellation);
        Procedures = [.. catalogue.Procedures.Where(procedure => procedure.MayBeAskedBy(agency.Kind) && rights.Any(right => right.Procedure == procedure.Code))];
    }

    private PageResult Wrong(Refusal refusal)
    {
        ModelState.AddModelError(nameof(Address), Problems.Detail(HttpContext, refusal));
        Response.StatusCode = refusal.Status;
        return Page();
    }

    private static Refusal UnknownAddress { get; } = new(
        "not-found", "Aucun coffre n'a cette adresse. Vérifiez-la avec la personne.", 404);
}
