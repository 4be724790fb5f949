using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>Where a request of the clerk's agency stands; withdraw it while nobody has answered.</summary>
[Authorize(Policies.Clerk)]
public sealed class SeeAgencyRequestModel(
    AccessRequestReader reader, SeeConsent consents, EvidenceCatalogue catalogue, IStringLocalizer<Texts> texts) : PageModel
{
    public AccessRequestView Asked { get; private set; } = null!;

    /// <summary>What came of the request, as it stands now.</summary>
    public ConsentView? Consent { get; private set; }

    public PieceLines Lines => new(Asked.Pieces, false, catalogue, texts);

    public IEnumerable<string> Situations => Asked.Situation.Select(code => catalogue.Situations.FirstOrDefault(flag => flag.Code == code)?.Name.Say() ?? code);

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation) =>
        await LoadAsync(id, cancellation) ? Page() : this.Refused(Refusal.NotFound);

    public async Task<IActionResult> OnPostAsync(Guid id, [FromServices] ActRunner acts, [FromServices] AgencyFinder agencies, CancellationToken cancellation)
    {
        if (!await LoadAsync(id, cancellation)) return this.Refused(Refusal.NotFound);
        var outcome = await WithdrawAccessRequest.Handle(id, HttpContext.Actor(), acts, agencies, cancellation);
        if (outcome.Refusal is { } refusal) return this.Refused(refusal);
        Views.ReadPosition.Tell(HttpContext, outcome.Written!.LastPosition);
        TempData["Done"] = Texts.Of("La demande est retirée.");
        return LocalRedirect($"/agency/requests/{id}");
    }

    private async Task<bool> LoadAsync(Guid id, CancellationToken cancellation)
    {
        if (await reader.FindAsync(id, Person.From(User).Id, cancellation) is not { } view) return false;
        Asked = view;
        Consent = view.Consent is { } consent ? await consents.FindAsync(consent, Person.From(User), cancellation) : null;
        return true;
    }
}
