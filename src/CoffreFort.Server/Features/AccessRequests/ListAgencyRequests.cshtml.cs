using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>What the clerk's agency asked, by state.</summary>
[Authorize(Policies.Clerk)]
public sealed class ListAgencyRequestsModel(AccessRequestFinder requests, VaultFinder vaults, AgencyFinder agencies, EvidenceCatalogue catalogue) : PageModel
{
    private const int AtOnce = 30;

    [BindProperty(SupportsGet = true)]
    public string? State { get; set; }

    public IReadOnlyList<AccessRequestSummary> Requests { get; private set; } = [];

    public IReadOnlyDictionary<Guid, string> Addresses { get; private set; } = new Dictionary<Guid, string>();

    /// <summary>The last one shown, when there are older ones.</summary>
    public Guid? Older { get; private set; }

    public async Task OnGetAsync(Guid? after, CancellationToken cancellation)
    {
        var state = ListAccessRequests.States.Contains(State ?? "") ? State : null;
        var page = await ListAccessRequests.Handle(Person.From(User), state, after, AtOnce, requests, vaults, agencies, catalogue, cancellation);
        Requests = page.Items;
        Older = page.Next is null ? null : page.Items[^1].Id;
        var addresses = new Dictionary<Guid, string>();
        foreach (var vault in page.Items.Select(request => request.Vault).Distinct())
            addresses[vault] = (await vaults.FindAsync(vault, cancellation))?.Address ?? "";
        Addresses = addresses;
    }
}
