using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.Server.Checkpoints;

/// <summary>How the log does, for health, the operator's page and receipts.</summary>
public sealed class LogStatus(
    Journal journal, JournalCheckpoints checkpoints, Checkpointer checkpointer, NpgsqlDataSource database, LogSettings settings, IServiceProvider services)
{
    private readonly TimestampSettings? _authority = services.GetService<TimestampSettings>();

    /// <summary>How publishing goes, as far as this node knows.</summary>
    public CheckpointState State => checkpointer.State;

    /// <summary>Why the last seal failed, as far as this node knows.</summary>
    public string? SealProblem => services.GetService<Sealer>()?.Problem;

    /// <summary>How far the journal is sealed.</summary>
    /// <exception cref="JournalUnavailableException">The journal does not answer.</exception>
    public Task<Seals> SealsAsync(CancellationToken cancellation) => Seals.ReadAsync(journal, checkpoints, _authority, cancellation);

    /// <summary>What no published checkpoint covers yet.</summary>
    /// <exception cref="JournalUnavailableException">The journal does not answer.</exception>
    public Task<LogDelay> DelayAsync(CancellationToken cancellation) => LogDelay.ReadAsync(database, journal, checkpoints, cancellation);

    /// <summary>That is too long for a log that is not stopped, which is said as such.</summary>
    public bool IsDelayed(LogDelay delay) => State.StoppedBy is null && delay.Waited > settings.DelayedAfter;

    /// <summary>What readiness tells; null when the journal does not answer.</summary>
    public async Task<LogHealth?> HealthAsync(CancellationToken cancellation)
    {
        try
        {
            var seals = await SealsAsync(cancellation);
            var delay = await DelayAsync(cancellation);
            return new LogHealth(
                seals.Checkpoint?.Origin, seals.Checkpoint?.Size, seals.Checkpoint?.Created, State.StoppedBy, State.Position, State.DelayedBy, delay.Events, Show(delay.Waited), IsDelayed(delay), State.Unwitnessed,
                seals.Authority ? "configured" : "no authority configured", seals.Timestamp?.Stamped, SealProblem, Show(seals.Unsealed), seals.Overdue);
        }
        catch (JournalUnavailableException)
        {
            return null;
        }
    }

    /// <summary>Hours, minutes and seconds; hours may be more than a day's.</summary>
    public static string Show(TimeSpan debt) => FormattableString.Invariant($"{(long)debt.TotalHours:00}:{debt.Minutes:00}:{debt.Seconds:00}");
}
