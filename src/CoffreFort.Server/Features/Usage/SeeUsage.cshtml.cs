using System.Globalization;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Usage;

/// <summary>Who looked: every read and every refused attempt, with its proof.</summary>
[Authorize(Policies.Holder)]
public sealed class SeeUsageModel(UsageReader usage, VaultFinder vaults) : PageModel
{
    private const int PageSize = 50;

    [BindProperty(SupportsGet = true)]
    public Guid? Agency { get; set; }

    [BindProperty(SupportsGet = true)]
    public string? Outcome { get; set; }

    [BindProperty(SupportsGet = true)]
    public DateOnly? Since { get; set; }

    [BindProperty(SupportsGet = true)]
    public DateOnly? To { get; set; }

    [BindProperty(SupportsGet = true)]
    public bool Mine { get; set; }

    public IReadOnlyList<UsageLine> Lines { get; private set; } = [];

    public IReadOnlyList<(Guid Agency, string Name)> Agencies { get; private set; } = [];

    public int DepositsAvoided { get; private set; }

    public string? Next { get; private set; }

    public async Task OnGetAsync(long? after, CancellationToken cancellation)
    {
        if (await vaults.OfHolderAsync(Person.From(User).Id, cancellation) is not { } vault) return;
        var outcome = Outcome is Outcomes.Read or Outcomes.Refused ? Outcome : null;
        var filter = new UsageFilter(after, Agency, outcome, null, StartOf(Since), StartOf(To is { } to && to < DateOnly.MaxValue ? to.AddDays(1) : null), OthersOnly: !Mine);
        var page = Paged.Of(await usage.ListAsync(vault.Vault, filter, PageSize + 1, cancellation), PageSize, Address);
        (Lines, Next) = (page.Items, page.Next);
        Agencies = await usage.AgenciesAsync(vault.Vault, cancellation);
        DepositsAvoided = await usage.DepositsAvoidedAsync(vault.Vault, cancellation);
    }

    private string Address(UsageLine last) => Url.Page(null, new { Agency, Outcome, Since = Since?.ToString("O", CultureInfo.InvariantCulture), To = To?.ToString("O", CultureInfo.InvariantCulture), Mine, after = last.Position })!;

    private static DateTimeOffset? StartOf(DateOnly? day) => day is { Year: > 1 } known ? FrenchCalendar.StartOf(known) : null;
}
