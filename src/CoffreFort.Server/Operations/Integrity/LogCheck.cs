using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Edges.Witness;
using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>
/// What the log has published, apart from the trees (these are the journal's check): the keys that signed, cosignatures, timestamps, the notes that link logs, and
/// the copy beside the blobs.
/// </summary>
internal sealed class LogCheck(
    NpgsqlDataSource database, Journal journal, LogKeys keys, IBlobStore blobs, IServiceProvider services, IntegrityReport report)
{
    private const string CountsSql = """
        select (select count(*) from coffrefort.journal_checkpoints), (select count(*) from coffrefort.journal_timestamps)
        """;

    private const string OriginsSql = "select origin from coffrefort.journal_checkpoints group by origin order by max(number) desc";

    private readonly Dictionary<string, NoteVerifierKey?> _known = [];

    public async Task RunAsync(Sample? sample, CancellationToken cancellation)
    {
        var copies = new CheckpointCopyCheck(database, blobs, report);
        // Before the snapshot: whatever the copy covers is in the journal by then, also while servers write.
        var copy = await copies.ReadAsync(cancellation);
        await using var snapshot = await ReadSnapshot.BeginAsync(database, cancellation);
        await snapshot.ByIndexAsync(true, cancellation);
        var (origins, unreadable) = await snapshot.TryListAsync(OriginsSql, row => row.GetString(0), cancellation);
        if (unreadable is not null) report.Damaged(Areas.Log, "journal_checkpoints", $"can't be read: {unreadable}");
        foreach (var origin in origins) Know(origin, isCurrent: origin == origins[0]);

        var cosignatures = new CosignatureCheck(services.GetRequiredService<WitnessKeys>(), KeyOf, report);
        if (copy is not null) await copies.CompareAsync(copy, snapshot, KeyOf, cosignatures, cancellation);
        await new OriginCheck(snapshot, journal, KeyOf, report).RunAsync(cancellation);
        var (counts, _) = await snapshot.TryListAsync(CountsSql, row => (Checkpoints: row.GetInt64(0), Timestamps: row.GetInt64(1)), cancellation);
        var (checkpoints, timestamps) = counts.FirstOrDefault();
        var total = checkpoints + timestamps;
        await new TimestampCheck(snapshot, services.GetService<TimestampSettings>(), report)
            .RunAsync(sample, timestamps, done => report.Progress(Areas.Log, done, total), cancellation);
        await cosignatures.RunAsync(snapshot, sample, checkpoints, done => report.Progress(Areas.Log, timestamps + done, total), cancellation);
    }

    private NoteVerifierKey? KeyOf(string origin)
    {
        if (!_known.ContainsKey(origin)) Know(origin, isCurrent: false);
        return _known[origin];
    }

    /// <summary>An ended log's key need not be there any more; without that of the current one nothing more can be signed.</summary>
    private void Know(string origin, bool isCurrent)
    {
        var thing = $"keyring signing key of {origin}";
        _known[origin] = null;
        try
        {
            if (keys.Holds(origin)) _known[origin] = keys.VerifierKey(origin);
            else if (isCurrent) report.Damaged(Areas.Log, thing, "is missing in the keyring");
            else report.Unchecked(Areas.Log, thing, "is not in the keyring: what it signed was not verified");
        }
        catch (Exception failure) when (failure is RootKeyRefused or IOException or UnauthorizedAccessException)
        {
            if (Opens()) report.Damaged(Areas.Log, thing, failure.Message);
            else report.Unchecked(Areas.Log, thing, $"the keyring can't be opened, so that what it signed was not verified: {failure.Message}");
        }
    }

    private bool Opens()
    {
        try
        {
            return services.GetRequiredService<FileKeyring>() is not null;
        }
        catch (Exception failure) when (failure is RootKeyRefused or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
