using System.Text;
using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Edges.Timestamps;
using Npgsql;

namespace CoffreFort.Server.Checkpoints;

/// <summary>Has the last checkpoint timestamped when the last seal is old or many events came since. One node at a time; apart from signing, which never waits for it.</summary>
public sealed class Sealer(
    NpgsqlDataSource database, JournalCheckpoints checkpoints, ITimestampAuthority authority, TimestampSettings settings, TimeProvider clock, ILogger<Sealer> log) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    private readonly OneNode _turn = new(database, "seals");

    /// <summary>Why the last try failed, as far as this node knows.</summary>
    public string? Problem { get; private set; }

    /// <summary>Has the last checkpoint sealed, if that is due.</summary>
    /// <returns>Whether it was sealed now.</returns>
    /// <exception cref="TimestampAuthorityException">The authority does not answer.</exception>
    /// <exception cref="TimestampRefused">Its answer is not to be relied on; nothing was kept.</exception>
    public async Task<bool> SealAsync(CancellationToken cancellation)
    {
        var last = await checkpoints.LastAsync(cancellation);
        var stamped = await checkpoints.LastStampedAsync(cancellation);
        var asked = clock.GetUtcNow();
        if (last is null || !IsDue(last, stamped, asked)) return false;
        var request = new TimestampRequest(Encoding.UTF8.GetBytes(last.Note), settings.Trust);
        var reply = await authority.AskAsync(request.ToBytes(), cancellation);
        var timestamp = request.Accept(reply, asked, clock.GetUtcNow());
        await checkpoints.AddTimestampAsync(new StoredTimestamp(last, timestamp.Token, timestamp.Time), cancellation);
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Tick;
            try
            {
                if (await _turn.TryAsync(_ => SealAsync(stoppingToken), stoppingToken)) Problem = null;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The debt grows and is shown; it never ends the application.
            catch (Exception failure)
            {
                Problem = failure.Message;
                log.LogError(failure, "The checkpoint could not be timestamped; trying again in {Pause}", RetryAfter);
                pause = RetryAfter;
            }
#pragma warning restore CA1031

            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool IsDue(StoredCheckpoint last, StoredTimestamp? stamped, DateTimeOffset now) => stamped is null || (last.Size > stamped.Checkpoint.Size
        && (now - stamped.Stamped >= settings.Every || last.Size - stamped.Checkpoint.Size >= settings.Events));
}
