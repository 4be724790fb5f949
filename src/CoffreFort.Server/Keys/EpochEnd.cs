namespace CoffreFort.Server.Keys;

/// <summary>Epochs of keys: months of UTC, written as numbers such as 202611, and when they end for good.</summary>
/// <remarks>
/// A wrapped key that is destroyed at some instant may still lie in backups of the key database, below an epoch's key. At the end of the month whatever
/// survives goes below the next epoch's key, vault keys that lost a child are replaced, and the root's key of the old epoch is destroyed: then those backups open nothing (docs/adr/0013).
/// </remarks>
public static class EpochEnd
{
    /// <summary>So long after the month's end its key is destroyed at the latest, or the operator is told.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromDays(7);

    /// <summary>So long a backup of the key database or of the keyring is kept at most.</summary>
    private static readonly TimeSpan BackupsKept = TimeSpan.FromDays(35);

    /// <summary>So far a node's clock may be ahead of the true time without beginning an epoch too early.</summary>
    internal static readonly TimeSpan Late = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The instant by which no backup opens what was destroyed at <paramref name="destroyedAt"/>: the month's root key is gone, and so are the backups of that day, of the key database and of
    /// the keyring, neither of which is kept for more than five weeks (docs/operations.md). At most 38 days later.
    /// </summary>
    public static DateTimeOffset FinalAfter(DateTimeOffset destroyedAt)
    {
        var (gone, forgotten) = (EndOf(MonthOf(destroyedAt.ToUniversalTime())) + Slack, destroyedAt + BackupsKept);
        return gone > forgotten ? gone : forgotten;
    }

    /// <summary>The epoch under which vault keys are wrapped now. It begins a little after the month does, so that no clock that is ahead begins it before.</summary>
    public static int Current(DateTimeOffset now) => MonthOf(now.ToUniversalTime() - Late);

    public static int Next(int epoch) => epoch % 100 == 12 ? epoch + 89 : epoch + 1;

    /// <summary>The first instant after the month.</summary>
    public static DateTimeOffset EndOf(int epoch) => new(Next(epoch) / 100, Next(epoch) % 100, 1, 0, 0, 0, TimeSpan.Zero);

    private static int MonthOf(DateTimeOffset utc) => (utc.Year * 100) + utc.Month;
}
