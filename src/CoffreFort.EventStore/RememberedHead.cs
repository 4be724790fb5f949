namespace CoffreFort.EventStore;

/// <summary>
/// How this node's own last commit left the journal, and how far PostgreSQL's clock is from its own: from this a group can be
/// decided before it is sent, and PostgreSQL, which verifies it under the lock, needs to be asked once only. Not safe for concurrent use.
/// </summary>
internal sealed class RememberedHead(JournalOptions options)
{
    /// <summary>A group's time may lie this far behind PostgreSQL's clock at the moment of its lock; else PostgreSQL is asked first.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private HeadState? _head;
    private long? _lastSize;
    private TimeSpan _clockAhead;
    private bool _othersWrite;

    /// <summary>What becomes of the appends if the journal still stands where this node left it; null when that must not be taken for granted.</summary>
    public GuessedGroup? Guess(List<PendingAppend> appends) => _head is { } head && !_othersWrite ? Guess(head, _clockAhead, appends, options) : null;

    /// <summary>What becomes of the appends if a group that is being written is written as it was guessed.</summary>
    public static GuessedGroup? GuessAfter(GuessedGroup writing, List<PendingAppend> appends, JournalOptions options) =>
        Guess(writing.Group.After, writing.ClockAhead, appends, options);

    /// <summary>Whether the journal stands, as far as this node knows, where the guess takes it to.</summary>
    public bool StandsBefore(GuessedGroup guess) => !_othersWrite && _head is { } head && ReferenceEquals(head.Root, guess.Group.RootBefore);

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
    /// <param name="guess">The guess that was right.</param>
    /// <param name="clock">PostgreSQL's clock at its end.</param>
    public void Guessed(GuessedGroup guess, DateTimeOffset clock)
    {
        Keep(guess.Group);
        var answered = options.NodeClock.GetUtcNow();
        // The answer took its time, so the distance is at least this; the best that was seen counts.
        if (clock - answered > _clockAhead) _clockAhead = clock - answered;
        if (!JournalTime.Agree(clock, guess.Asked, answered, options)) Forget();
    }

    private void Keep(AppendGroup group)
    {
        _head = group.After;
        _lastSize = group.Frontier.Size;
    }

    private static GuessedGroup? Guess(HeadState before, TimeSpan clockAhead, List<PendingAppend> appends, JournalOptions options)
    {
        var asked = options.NodeClock.GetUtcNow();
        var clock = asked + clockAhead + options.ClockOffset;
        // At or before PostgreSQL's clock, so far as this node can tell; never before the last event or what an append was decided on.
        var now = new DateTimeOffset(clock.UtcTicks - clock.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
        foreach (var append in appends) now = append.NotBefore > now ? append.NotBefore : now;
        var guess = new GuessedGroup(before, asked, clockAhead, now > before.LastTimestamp ? now : before.LastTimestamp);
        return appends.TrueForAll(guess.Take) && guess.Group.Events.Count > 0 ? guess : null;
    }
}
