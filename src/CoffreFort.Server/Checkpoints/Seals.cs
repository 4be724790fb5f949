using CoffreFort.EventStore;

namespace CoffreFort.Server.Checkpoints;

/// <summary>How far the journal is sealed: by an authority's timestamp, or by the log's own checkpoint when no authority is configured.</summary>
/// <param name="Authority">Whether an authority is configured.</param>
/// <param name="Checkpoint">The last checkpoint, if any.</param>
/// <param name="Timestamp">The last timestamp, if any.</param>
/// <param name="Unsealed">How long the oldest event that no seal covers has been waiting; zero when all are covered.</param>
public sealed record Seals(bool Authority, StoredCheckpoint? Checkpoint, StoredTimestamp? Timestamp, TimeSpan Unsealed)
{
    /// <summary>Beyond it no receipt is given as evidence for what no timestamp covers.</summary>
    public static readonly TimeSpan LongestDebt = TimeSpan.FromHours(4);

    /// <summary>The debt is too old for receipts to count as evidence.</summary>
    public bool Overdue => Unsealed > LongestDebt;

    /// <summary>The last event that a seal covers.</summary>
    public long SealedTo => SealedToOf(Authority, Checkpoint, Timestamp);

    /// <summary>Reads it, as of now in journal time.</summary>
    public static async Task<Seals> ReadAsync(Journal journal, JournalCheckpoints checkpoints, TimestampSettings? authority, CancellationToken cancellation)
    {
        var last = await checkpoints.LastAsync(cancellation);
        var stamped = await checkpoints.LastStampedAsync(cancellation);
        var debt = TimeSpan.Zero;
        var covered = SealedToOf(authority is not null, last, stamped);
        await foreach (var oldest in journal.ReadAllAsync(covered, covered + 1, cancellation)) debt = await journal.NowAsync(cancellation) - oldest.Timestamp;
        return new Seals(authority is not null, last, stamped, debt);
    }

    /// <summary>What a receipt counts as, and why not more.</summary>
    /// <param name="covered">Whether a published checkpoint covers the event.</param>
    /// <param name="stamped">Whether a timestamp covers it: then its receipt stays evidence, whatever the debt of later ones is.</param>
    public ReceiptGrade GradeOf(bool covered, bool stamped) => this switch
    {
        _ when !covered => new ReceiptGrade(ReceiptGrade.Plain, "no-checkpoint-yet"),
        _ when stamped => new ReceiptGrade(ReceiptGrade.Evidence, "timestamped"),
        { Authority: false } => new ReceiptGrade(ReceiptGrade.Evidence, "no-authority-configured"),
        { Overdue: true } => new ReceiptGrade(ReceiptGrade.Plain, "unsealed-too-long"),
        _ => new ReceiptGrade(ReceiptGrade.Evidence, "timestamp-pending"),
    };

    private static long SealedToOf(bool authority, StoredCheckpoint? checkpoint, StoredTimestamp? timestamp) =>
        (authority ? timestamp?.Checkpoint.Size : checkpoint?.Size) ?? 0;
}
