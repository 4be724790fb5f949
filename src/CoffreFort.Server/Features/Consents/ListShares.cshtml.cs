using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Consents;

/// <summary>All of the holder's consents: who may read what until when, and what each has been used for.</summary>
[Authorize(Policies.Holder)]
public sealed class ListSharesModel(SeeConsent consents, EvidenceCatalogue catalogue) : PageModel
{
    private const int PageSize = 100;

    public IReadOnlyList<ConsentView> Standing { get; private set; } = [];

    public IReadOnlyList<ConsentView> Ended { get; private set; } = [];

    public Guid? Next { get; private set; }

    public string Procedure(ConsentView consent) => catalogue.FindProcedure(consent.Procedure)?.Name.Say() ?? consent.Procedure;

    public async Task OnGetAsync(Guid? after, CancellationToken cancellation)
    {
        var page = Paged.Of(await consents.ListAsync(Person.From(User), after, PageSize + 1, cancellation), PageSize, last => last.Id.ToString());
        Next = page.Next is { } next ? Guid.Parse(next) : null;
        Standing = [.. page.Items.Where(consent => consent.Stands).Reverse()];
        Ended = [.. page.Items.Where(consent => !consent.Stands).Reverse()];
    }
}
