using CoffreFort.EventStore;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>Anybody signed in looks up an agency's certificates: a holder finds the one that a copy of theirs was sealed for.</summary>
[Authorize(Policies.SignedIn)]
public sealed class AgencyCertificatesModel(Journal journal) : PageModel
{
    public string Name { get; private set; } = "";

    public IReadOnlyList<CertificateView> Certificates { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        if (await journal.AggregateStreamAsync<Agency>(id, cancellation: cancellation) is not { Kind.Length: > 0 } agency) return this.Refused(Refusal.NotFound);
        (Name, Certificates) = (agency.Name, SeeCertificates.Of(agency));
        return Page();
    }
}
