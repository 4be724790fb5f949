using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Consents;

/// <summary>What the clerk's agency may read now, and for which procedure.</summary>
[Authorize(Policies.Clerk)]
public sealed class ListReadingsModel(ConsentFinder consents, AgencyFinder agencies, HolderNames names, EvidenceCatalogue catalogue) : PageModel
{
    private const int PageSize = 100;

    public AgencyEntry? Agency { get; private set; }

    public IReadOnlyList<(ConsentView Consent, string? Holder)> Items { get; private set; } = [];

    public Guid? Next { get; private set; }

    public string Procedure(ConsentView consent) => catalogue.FindProcedure(consent.Procedure)?.Name.Say() ?? consent.Procedure;

    public async Task OnGetAsync(Guid? after, CancellationToken cancellation)
    {
        Agency = await agencies.OfClerkAsync(Person.From(User).Id, cancellation);
        if (Agency is null) return;
        var page = Paged.Of(await consents.StandingForAsync(Agency.Agency, after, PageSize + 1, cancellation), PageSize, last => last.Id.ToString());
        Next = page.Next is { } next ? Guid.Parse(next) : null;
        var items = new List<(ConsentView, string?)>();
        foreach (var consent in page.Items) items.Add((consent, await names.OfAsync(consent.Vault, cancellation)));
        Items = items;
    }
}
