namespace CoffreFort.EventStore;

/// <summary>One stream that somebody waits for. Fed by one thread at a time.</summary>
/// <param name="streamId">The stream.</param>
internal abstract class StreamFetch(Guid streamId)
{
    public Guid StreamId { get; } = streamId;

    /// <summary>The stream's next event.</summary>
    public abstract void Add(IEvent @event);

    /// <summary>Whether the state takes events of streams of this kind.</summary>
    public abstract bool Folds(string kind);

    /// <summary>An event passed over: the stream is of another kind.</summary>
    public abstract void Skip();

    /// <summary>That was all.</summary>
    public abstract void Complete(DateTimeOffset now);

    /// <summary>The stream can't be read. Said once: what comes after changes nothing.</summary>
    public abstract void Fail(Exception failure);

    /// <summary>From the beginning: the statement is sent again.</summary>
    public abstract void Restart();
}

/// <inheritdoc/>
internal sealed class StreamFetch<T>(Guid streamId) : StreamFetch(streamId)
    where T : class, IAggregate<T>
{
    private readonly TaskCompletionSource<FetchedState<T>> _fetched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _state = T.Empty;
    private long _folded;
    private long _events;

    public Task<FetchedState<T>> Fetched => _fetched.Task;

    public override void Add(IEvent @event)
    {
        _state = T.Evolve(_state, @event);
        _folded++;
        _events++;
    }

    public override bool Folds(string kind) => kind == T.StreamType;

    public override void Skip() => _events++;

    public override void Complete(DateTimeOffset now) => _fetched.TrySetResult(new FetchedState<T>(now, _state, _folded, _events));

    public override void Fail(Exception failure) => _fetched.TrySetException(failure);

    public override void Restart() => (_state, _folded, _events) = (T.Empty, 0, 0);
}

/// <summary>No stream, only the time.</summary>
internal sealed class ClockFetch() : StreamFetch(Guid.Empty)
{
    private readonly TaskCompletionSource<DateTimeOffset> _now = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<DateTimeOffset> Now => _now.Task;

    public override void Add(IEvent @event)
    {
    }

    public override bool Folds(string kind) => false;

    public override void Skip()
    {
    }

    public override void Complete(DateTimeOffset now) => _now.TrySetResult(now);

    public override void Fail(Exception failure) => _now.TrySetException(failure);

    public override void Restart()
    {
    }
}
