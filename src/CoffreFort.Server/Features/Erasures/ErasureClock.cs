using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;
using Npgsql;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>Carries out the erasures whose time has come, and goes on with those that were begun. One node at a time.</summary>
/// <remarks>It need not be exact: whoever reads decides by the instant itself, whether or not the erasure was recorded yet.</remarks>
public sealed class ErasureClock(
    NpgsqlDataSource database, Journal journal, ErasureFinder finder, CarryOutErasure erasures, KeyDestruction keys, TimeProvider time, ILogger<ErasureClock> log) : BackgroundService
{
    private const int AtOnce = 100;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LooksBackEvery = TimeSpan.FromHours(1);

    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMinutes(1);

    private readonly OneNode _turn = new(database, "erasures");
    private readonly SetAside _failed = new(time, TryAgainAfter);
    private long _looksBackAt;

    /// <summary>Takes all that the view knows to be due at an instant; what fails is left for the next time, and keeps nothing else waiting.</summary>
    /// <returns>How many came to their end.</returns>
    public async Task<int> TakeDueAsync(DateTimeOffset now, CancellationToken cancellation = default)
    {
        var ended = 0;
        var failures = new List<Exception>();
        foreach (var entry in await finder.DueAsync(now, _failed.Current(), AtOnce, cancellation))
        {
            try
            {
                ended += await (entry.IsVault ? erasures.VaultAsync(entry.Subject, cancellation) : erasures.DocumentAsync(entry.Subject, cancellation)) ? 1 : 0;
            }
#pragma warning disable CA1031 // One that can't be carried out concerns only itself; it is tried again later.
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // An outage concerns all of them, and is over when it is over.
                if (!Faults.IsOutage(failure)) _failed.Add(entry.Subject);
                failures.Add(failure);
            }
#pragma warning restore CA1031
        }

        if (failures.Count > 0) log.LogWarning(failures[0], "{Count} erasures could not be carried out to their end yet; trying again", failures.Count);
        return ended;
    }

    /// <summary>
    /// Destroys again what came back: a key database restored from an older backup holds keys that the journal says are destroyed.
    /// </summary>
    /// <returns>How many documents and vaults had keys again.</returns>
    public async Task<int> DestroyAgainAsync(CancellationToken cancellation = default)
    {
        var found = 0;
        for (var after = Guid.Empty; await finder.DestroyedAsync(after, AtOnce, cancellation) is { Count: > 0 } page; after = page[^1].Subject)
        {
            foreach (var kept in await keys.FindKeptAsync([.. page.Select(entry => entry.Subject)], cancellation))
            {
                await erasures.DestroyAgainAsync(page.First(entry => entry.Subject == kept), cancellation);
                found++;
            }
        }

        if (found > 0) log.LogWarning("The key database held keys of {Count} erased documents or vaults, perhaps restored from a backup: they were destroyed again", found);
        return found;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        new Ticks(Tick, "Erasures", log).RunAsync(stopping => _turn.TryWhileAliveAsync(RoundAsync, stopping), stoppingToken);

    private async Task RoundAsync(CancellationToken cancellation)
    {
        await TakeDueAsync(await journal.NowAsync(cancellation), cancellation);
        if (Environment.TickCount64 < _looksBackAt) return;
        await DestroyAgainAsync(cancellation);
        _looksBackAt = Environment.TickCount64 + (long)LooksBackEvery.TotalMilliseconds;
    }
}
