using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>
/// Recomputes the journal from its stored bytes: positions without holes, each leaf hash, root and frontier, tiles and checkpoints, time that never runs
/// backwards, streams without gaps, idempotency keys (docs/architecture.md, "The journal").
/// </summary>
/// <remarks>
/// It trusts no column that is derived from others, reads no event's meaning, and writes nothing. Everything is read in one snapshot, so the journal may
/// be written meanwhile. Memory is constant. One instance verifies once.
/// </remarks>
public sealed class JournalVerification
{
    /// <summary>How many damages a verdict lists; beyond that they are only counted.</summary>
    public const int MostListed = 1000;

    private const string HeadSql = "select size, root, frontier, last_timestamp from coffrefort.journal_head";

    private readonly ReadSnapshot _snapshot;
    private readonly JournalVerificationOptions _options;
    private readonly JournalFindings _findings;

    /// <summary>Verifies the whole journal; how long that takes grows with it.</summary>
    /// <param name="database">May select from the journal's tables; the application's role can.</param>
    /// <param name="progress">Told now and then how many events are done, and of how many.</param>
    /// <param name="cancellation">Ends the verification.</param>
    /// <exception cref="JournalUnavailableException">PostgreSQL can't be reached, or has no journal.</exception>
    public static Task<JournalVerdict> RunAsync(
        NpgsqlDataSource database, IProgress<(long Done, long Size)>? progress = null, CancellationToken cancellation = default) =>
        RunAsync(database, new JournalVerificationOptions { Progress = progress }, cancellation);

    /// <inheritdoc cref="RunAsync(NpgsqlDataSource, IProgress{ValueTuple{long, long}}?, CancellationToken)"/>
    /// <param name="database">May select from the journal's tables; the application's role can.</param>
    /// <param name="options">What else it is to know and to tell.</param>
    /// <param name="cancellation">Ends the verification.</param>
    public static Task<JournalVerdict> RunAsync(NpgsqlDataSource database, JournalVerificationOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(options);
        return Journal.Guarded(async () =>
        {
            await using var snapshot = await ReadSnapshot.BeginAsync(database, cancellation);
            return await new JournalVerification(snapshot, options).VerifyAsync(cancellation);
        });
    }

    private JournalVerification(ReadSnapshot snapshot, JournalVerificationOptions options) =>
        (_snapshot, _options, _findings) = (snapshot, options, new JournalFindings(options.Found));

    private async Task<JournalVerdict> VerifyAsync(CancellationToken cancellation)
    {
        var head = await ReadHeadAsync(cancellation);
        var scan = new EventScan(_snapshot, _findings, head.Size);
        var trees = new TreeVerification(_snapshot, _findings, scan, _options);
        scan.Grown = trees.Compare;
        bool more;
        do
        {
            await trees.PrepareAsync(cancellation);
            more = await scan.NextAsync(cancellation);
            await trees.VerifyTilesAsync(cancellation);
            _options.Progress?.Report((scan.Tree.Size, head.Size));
        }
        while (more);

        Compare(head, scan);
        await trees.FinishAsync(cancellation);
        await _snapshot.ByIndexAsync(false, cancellation);
        await new RowVerification(_snapshot, _findings).RunAsync(_options.StreamKinds, cancellation);
        return new JournalVerdict(scan.Tree.Size, scan.Tree.Root(), _findings.Kept, _findings.Count);
    }

    private async Task<Head> ReadHeadAsync(CancellationToken cancellation)
    {
        Head? head = null;
        var unreadable = await _snapshot.ReadAsync(
            HeadSql, row => head = new Head(row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetFieldValue<byte[]>(2), row.GetFieldValue<long>(3)), cancellation);
        if (unreadable is not null) _findings.About("unreadable", "journal_head", $"The head can't be read: {unreadable}.");
        else if (head is null) throw new JournalUnavailableException("The journal has no head row; was it migrated?");
        return head ?? new Head(0, [], [], 0);
    }

    private void Compare(Head head, EventScan scan)
    {
        if (head.Size != scan.Position) About("head-size", $"The head says {head.Size} events; the last one stored is {scan.Position}.");
        if (scan.FirstUnread < long.MaxValue)
        {
            _findings.About("unreadable", "mt_events", $"Head, checkpoints and tiles that cover event {scan.FirstUnread} were not held against the leaves, which are not all known.");
            return;
        }

        if (!Is(head.Root, tree => tree.Root())) About("head-root", "The head's root is not the root over the stored bytes.");
        if (!Is(head.Frontier, tree => tree.FrontierBytes())) About("head-frontier", "The head's frontier is not the one over the stored bytes.");
        if (scan.Tree.Size > 0 && unchecked(head.LastTimestamp + EventScan.MicrosecondsTo2000) != scan.Last) About("head-time", "The head's time is not the last event's.");

        void About(string code, string message) => _findings.About(code, "journal_head", message);
        bool Is(byte[] stated, Func<HashTree, byte[]> of) => stated.AsSpan().SequenceEqual(of(scan.Tree)) || (scan.Stored is { } stored && stated.AsSpan().SequenceEqual(of(stored)));
    }

    /// <param name="Size">As the row says, like the others.</param>
    /// <param name="Root">32 bytes.</param>
    /// <param name="Frontier">The roots of the perfect subtrees.</param>
    /// <param name="LastTimestamp">In microseconds since 2000.</param>
    private sealed record Head(long Size, byte[] Root, byte[] Frontier, long LastTimestamp);
}
