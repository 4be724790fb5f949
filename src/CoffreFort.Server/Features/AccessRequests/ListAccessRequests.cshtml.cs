using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>The holder's inbox: what waits for an answer first, then what was asked before.</summary>
[Authorize(Policies.Holder)]
public sealed class ListAccessRequestsModel(AccessRequestFinder requests, VaultFinder vaults, AgencyFinder agencies, EvidenceCatalogue catalogue) : PageModel
{
    private const int AtOnce = 30;

    public IReadOnlyList<AccessRequestSummary> Waiting { get; private set; } = [];

    public IReadOnlyList<AccessRequestSummary> Answered { get; private set; } = [];

    /// <summary>The last one shown, when there are older ones.</summary>
    public Guid? Older { get; private set; }

    public async Task OnGetAsync(Guid? after, CancellationToken cancellation)
    {
        var person = Person.From(User);
        var page = await ListAccessRequests.Handle(person, null, after, AtOnce, requests, vaults, agencies, catalogue, cancellation);
        Waiting = [.. page.Items.Where(request => request.State == "pending")];
        Answered = [.. page.Items.Except(Waiting)];
        Older = page.Next is null ? null : page.Items[^1].Id;
    }
}
