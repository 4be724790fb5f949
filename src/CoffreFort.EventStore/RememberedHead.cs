namespace CoffreFort.EventStore;

/// <summary>
/// How this node's own last commit left the journal, and how far PostgreSQL's clock is from its own: from this a group can be
/// decided before it is sent, and PostgreSQL, which verifies it under the lock, needs to be asked once only. Not safe for concurrent use.
/// </summary>
internal sealed class RememberedHead(JournalOptions options)
{
    /// <summary>A group's time may lie this far behind PostgreSQL's clock at the moment of its lock; else PostgreSQL is asked first.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private static readonly Dictionary<string, AppendResult> none = [];

    private HeadState? _head;
    private long? _lastSize;
    private TimeSpan _clockAhead;
    private DateTimeOffset _asked;
    private bool _othersWrite;

    /// <summary>The group as it is if the journal still stands where this node left it; null when that must not be taken for granted.</summary>
    public AppendGroup? Decide(List<PendingAppend> appends)
    {
        if (_head is not { } head || _othersWrite || AppendGroup.Assume(appends) is not { } assumed) return null;
        var group = new AppendGroup(head with { Frontier = head.Frontier.Clone() }, Now(head, appends), assumed, none);
        foreach (var append in appends) group.Take(append);
        // A refusal is for PostgreSQL to confirm: what it rests on is not verified with what is written.
        if (group.Refused.Count > 0 || group.Events.Count == 0) return null;
        group.Seal();
        return group;
    }

    /// <summary>Nothing is known any more: a guess was wrong, or a connection broke.</summary>
    public void Forget() => _head = null;

    /// <summary>A group was written that had been decided under the lock. When others had written before it, the next guess would be wrong as well.</summary>
    public void Locked(LockedHead locked)
    {
        _othersWrite = _lastSize is { } size && size != locked.Group.SizeBefore;
        _clockAhead = locked.ClockAhead;
        Keep(locked.Group);
    }

    /// <summary>A group was written that had been guessed.</summary>
    /// <param name="group">The group.</param>
    /// <param name="clock">PostgreSQL's clock at its end.</param>
    public void Guessed(AppendGroup group, DateTimeOffset clock)
    {
        Keep(group);
        var answered = options.NodeClock.GetUtcNow();
        // The answer took its time, so the distance is at least this; the best that was seen counts.
        if (clock - answered > _clockAhead) _clockAhead = clock - answered;
        if (!JournalTime.Agree(clock, _asked, answered, options)) Forget();
    }

    private void Keep(AppendGroup group)
    {
        _head = group.After;
        _lastSize = group.Frontier.Size;
    }

    /// <summary>At or before PostgreSQL's clock, so far as this node can tell; never before the last event or what an append was decided on.</summary>
    private DateTimeOffset Now(HeadState head, List<PendingAppend> appends)
    {
        _asked = options.NodeClock.GetUtcNow();
        var clock = _asked + _clockAhead + options.ClockOffset;
        var now = new DateTimeOffset(clock.UtcTicks - clock.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
        foreach (var append in appends) now = append.NotBefore > now ? append.NotBefore : now;
        return now > head.LastTimestamp ? now : head.LastTimestamp;
    }
}
