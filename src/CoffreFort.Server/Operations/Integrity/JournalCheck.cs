using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>Everything that <see cref="JournalVerification"/> verifies; or the leaves of a sample.</summary>
internal sealed class JournalCheck(NpgsqlDataSource database, Journal journal, LogKeys keys, IntegrityReport report)
{
    public async Task RunAsync(Sample? sample, CancellationToken cancellation)
    {
        if (sample is null)
        {
            var verdict = await JournalVerification.RunAsync(database, new JournalVerificationOptions
            {
                Progress = new Told(report),
                Found = damage => report.Damaged(Areas.Journal, damage.Thing, damage.Message),
                StreamKinds = JournalEvents.StreamKinds,
                LogKey = LogKey,
            }, cancellation);
            report.LookedAt("events", verdict.Size);
            return;
        }

        var head = await journal.HeadAsync(cancellation);
        var done = 0L;
        foreach (var position in sample.Places(head.Size))
        {
            await LeafAsync(position, cancellation);
            report.Progress(Areas.Journal, ++done, sample.Of(head.Size));
        }
    }

    /// <summary>Without a keyring nothing can be said of signatures; that it is missing is said among the keys.</summary>
    private NoteVerifierKey? LogKey(string origin)
    {
        try
        {
            return keys.Holds(origin) ? keys.VerifierKey(origin) : null;
        }
        catch (Exception failure) when (failure is RootKeyRefused or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether one event is what was hashed when it was appended.</summary>
    internal async Task LeafAsync(long position, CancellationToken cancellation)
    {
        report.LookedAt("events");
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await foreach (var _ in RecomputedLeaves.ReadAsync(connection, position - 1, position, cancellation))
            {
            }
        }
        catch (Exception failure) when (failure is JournalDamagedException or ArgumentException or InvalidCastException or FormatException
            || failure is PostgresException { SqlState: ['X', 'X', ..] or ['2', '2', ..] })
        {
            report.Damaged(Areas.Journal, $"mt_events seq_id={position}", failure.Message);
        }
    }

    private sealed class Told(IntegrityReport report) : IProgress<(long Done, long Size)>
    {
        public void Report((long Done, long Size) value) => report.Progress(Areas.Journal, value.Done, value.Size);
    }
}
