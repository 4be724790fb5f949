namespace CoffreFort.EventStore;

/// <summary>The appends that wait for their group, first come, first served. Safe for concurrent use.</summary>
/// <param name="options">How many may wait, for how long, and how many share a group.</param>
/// <param name="many">From this many events on, they are worth a group of their own.</param>
/// <remarks>A plain queue under a lock: the concurrent one keeps the segment of whatever was peeked at.</remarks>
internal sealed class AppendQueue(JournalOptions options, int many)
{
    private readonly Lock _lock = new();
    private readonly Queue<PendingAppend> _appends = new();
    private TaskCompletionSource? _many;
    private int _events;
    private bool _closed;

    public bool IsEmpty
    {
        get
        {
            lock (_lock) return _appends.Count == 0;
        }
    }

    /// <summary>Puts an append behind the others.</summary>
    /// <exception cref="JournalUnavailableException">Too many wait already, or the queue is closed.</exception>
    public void Enqueue(PendingAppend append)
    {
        TaskCompletionSource? signalled = null;
        lock (_lock)
        {
            if (_closed) throw Closed();
            if (_appends.Count >= options.WaitingLimit)
                throw new JournalUnavailableException($"More than {options.WaitingLimit} appends wait already; try again later.");
            _appends.Enqueue(append);
            _events += append.EventCount;
            if (_events >= many) (signalled, _many) = (_many, null);
        }

        signalled?.TrySetResult();
    }

    /// <summary>Takes what waits into a group, as far as it can join; what has waited for too long fails.</summary>
    /// <returns>Whether the group has any append now.</returns>
    public bool MoveTo(PendingGroup group)
    {
        while (group.Appends.Count < options.GroupLimit && group.EventCount < options.GroupEventLimit && Dequeue(group) is { } append)
        {
            if (append.Waited <= options.GroupTimeout) group.Add(append);
            else append.Fail(new JournalUnavailableException("The journal did not get round to the append in time; nothing was written."));
        }

        return group.Appends.Count > 0;
    }

    /// <summary>Completed as soon as many events wait.</summary>
    public Task ManyAsync()
    {
        lock (_lock)
        {
            if (_events >= many) return Task.CompletedTask;
            _many = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _many.Task;
        }
    }

    /// <summary>Lets nobody in any more.</summary>
    /// <returns>Who waited.</returns>
    public IReadOnlyList<PendingAppend> Close()
    {
        lock (_lock)
        {
            _closed = true;
            PendingAppend[] left = [.. _appends];
            _appends.Clear();
            _events = 0;
            return left;
        }
    }

    public static JournalUnavailableException Closed() => new("This node is stopping; nothing was written.");

    private PendingAppend? Dequeue(PendingGroup group)
    {
        lock (_lock)
        {
            if (!_appends.TryPeek(out var first) || !group.Admits(first)) return null;
            _events -= first.EventCount;
            return _appends.Dequeue();
        }
    }
}
