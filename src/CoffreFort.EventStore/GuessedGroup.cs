namespace CoffreFort.EventStore;

/// <summary>
/// A group as it will be if the journal stands as this node takes it to stand; PostgreSQL verifies that. It grows append by append. Not safe for concurrent use.
/// </summary>
internal sealed class GuessedGroup
{
    private static readonly Dictionary<string, AppendResult> none = [];

    private readonly Dictionary<Guid, StreamRow> _assumed = [];

    /// <param name="before">How the journal is taken to stand.</param>
    /// <param name="asked">This node's clock.</param>
    /// <param name="clockAhead">By how much PostgreSQL's clock is at least ahead of it.</param>
    /// <param name="now">The time that its events get.</param>
    public GuessedGroup(HeadState before, DateTimeOffset asked, TimeSpan clockAhead, DateTimeOffset now)
    {
        (Asked, ClockAhead) = (asked, clockAhead);
        Group = new AppendGroup(before with { Frontier = before.Frontier.Clone() }, now, _assumed, none);
    }

    /// <summary>This node's clock when the group was begun.</summary>
    public DateTimeOffset Asked { get; }

    /// <summary>By how much PostgreSQL's clock was at least ahead of it.</summary>
    public TimeSpan ClockAhead { get; }

    public AppendGroup Group { get; }

    /// <summary>Adds an append.</summary>
    /// <returns>False when its outcome can't be guessed, or would be a refusal (what that rests on is not verified with what is written). The guess is then of no use.</returns>
    public bool Take(PendingAppend append)
    {
        try
        {
            return TryTake(append);
        }
#pragma warning disable CA1031 // Decided under the lock, it fails alone, whatever it is; here it would take the writer with it.
        catch (Exception)
        {
            return false;
        }
#pragma warning restore CA1031
    }

    private bool TryTake(PendingAppend append)
    {
        // All streams stand as the appends say that they found them.
        foreach (var stream in append.Streams)
        {
            if (stream.ExpectedVersion is not { } version) return false;
            _assumed.TryAdd(stream.StreamId, new StreamRow(stream.StreamType, version));
        }

        foreach (var (streamId, version) in append.Guards) _assumed.TryAdd(streamId, new StreamRow(null, version));
        Group.Take(append);
        return Group.Refused.Count == 0;
    }
}
