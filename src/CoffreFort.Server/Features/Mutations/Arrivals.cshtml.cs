using CoffreFort.EventStore;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>A space's board: who arrives and who leaves, months ahead, and no document.</summary>
[Authorize(Policies.Clerk)]
public sealed class ArrivalsModel(Journal journal, MutationReader mutations, AgencyFinder agencies) : PageModel
{
    private const int Most = 500;

    public AgencyEntry? Space { get; private set; }

    public IReadOnlyList<MutationView> Arrivals { get; private set; } = [];

    public IReadOnlyList<MutationView> Departures { get; private set; } = [];

    public DateOnly Today { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        var person = Person.From(User);
        Today = FrenchCalendar.DayOf(await journal.NowAsync(cancellation));
        Space = await agencies.OfClerkAsync(person.Id, cancellation) is { IsSpace: true } space ? space : null;
        var all = await mutations.ListAsync(person, null, Most, cancellation);
        Arrivals = [.. all.Where(one => one.To == Space?.Agency).OrderBy(one => one.State == "effective").ThenBy(one => one.EffectiveOn)];
        Departures = [.. all.Where(one => one.From == Space?.Agency).OrderBy(one => one.State == "effective").ThenBy(one => one.EffectiveOn)];
        return Page();
    }
}
