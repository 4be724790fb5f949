using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Views;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>Lets each mutation take effect at the beginning of its day, though nobody asks. Every node runs one; the journal takes each effect once.</summary>
/// <remarks>It need not be exact: whoever uses a consent tied to a posting, or decides by the holder's space, asks <see cref="DueMutations"/> first.</remarks>
public sealed class MutationClock(Journal journal, ViewDatabase views, DueMutations due, TimeProvider time, ILogger<MutationClock> log) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMinutes(1);
    private readonly SetAside _failed = new(time, TryAgainAfter);

    /// <summary>Takes all that the view knows to be due at an instant; what fails is left for the next time, and keeps nothing else waiting.</summary>
    /// <returns>How many effects this call recorded.</returns>
    public async Task<int> TakeDueAsync(DateTimeOffset now, CancellationToken cancellation = default)
    {
        var taken = 0;
        var passedOver = _failed.Current();
        foreach (var vault in (await VaultsAsync(FrenchCalendar.DayOf(now), cancellation)).Where(vault => !passedOver.Contains(vault.Id)))
        {
            try
            {
                taken += await due.TakeAsync(vault.Id, cancellation) ? 1 : 0;
            }
#pragma warning disable CA1031 // One that can't be read concerns its vault only; it is tried again later.
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // An outage concerns all of them, and is over when it is over.
                if (!Faults.IsOutage(failure)) _failed.Add(vault.Id);
                log.LogWarning(failure, "The mutation of vault {Vault} is due and could not take effect yet", vault.Id);
            }
#pragma warning restore CA1031
        }

        return taken;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new Ticks(Tick, "Mutations", log).RunAsync(async stopping => await TakeDueAsync(await journal.NowAsync(stopping), stopping), stoppingToken);

    private async Task<IReadOnlyList<Due>> VaultsAsync(DateOnly today, CancellationToken cancellation) => await views.QueryAsync(
        $"""
        select vault from coffrefort_views.mutation_list
        where state in ('announced', 'accepted') and effective_on <= {today} order by effective_on, mutation
        """,
        row => new Due(row.GetGuid(0)), cancellation);

    private sealed record Due(Guid Id);
}
