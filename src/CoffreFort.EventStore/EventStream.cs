namespace CoffreFort.EventStore;

/// <summary>A stream fetched in a session: its state at the version that was read, and what is to be appended to it.</summary>
/// <typeparam name="T">The state.</typeparam>
/// <remarks>Belongs to one session; not safe for concurrent use.</remarks>
public sealed class EventStream<T>
    where T : class, IAggregate<T>
{
    private readonly JournalSession _session;

    private readonly long _actualVersion;

    internal EventStream(JournalSession session, Guid id, FetchedState<T> fetched)
    {
        _session = session;
        _actualVersion = fetched.ActualVersion;
        Id = id;
        Version = fetched.Version;
        State = fetched.State;
    }

    /// <summary>The stream's id.</summary>
    public Guid Id { get; }

    /// <summary>The version that was read; 0 when the stream does not exist.</summary>
    public long Version { get; }

    /// <summary>Whether there is such a stream.</summary>
    public bool Exists => Version > 0;

    /// <summary>The state at <see cref="Version"/>.</summary>
    public T State { get; }

    /// <summary>The stream must still stand as it was read when the session is saved, though nothing may be appended to it.</summary>
    public void Guard() => _session.Guard(Id, _actualVersion);

    /// <summary>Appends events at exactly the version that was read, when the session is saved.</summary>
    public void Append(params IReadOnlyCollection<IEvent> events)
    {
        _session.Append(Id, T.StreamType, Version, events);
        _session.RememberOnceSaved(Id, State, Version);
    }
}
