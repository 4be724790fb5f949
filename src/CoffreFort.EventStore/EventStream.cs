namespace CoffreFort.EventStore;

/// <summary>A stream fetched in a session: its state at the version that was read, and what is to be appended to it.</summary>
/// <typeparam name="T">The state.</typeparam>
/// <remarks>Belongs to one session; not safe for concurrent use.</remarks>
public sealed class EventStream<T>
    where T : class, IAggregate<T>
{
    private readonly JournalSession _session;

    internal EventStream(JournalSession session, Guid id, long version, T state)
    {
        _session = session;
        Id = id;
        Version = version;
        State = state;
    }

    /// <summary>The stream's id.</summary>
    public Guid Id { get; }

    /// <summary>The version that was read; 0 when the stream does not exist.</summary>
    public long Version { get; }

    /// <summary>Whether there is such a stream.</summary>
    public bool Exists => Version > 0;

    /// <summary>The state at <see cref="Version"/>.</summary>
    public T State { get; }

    /// <summary>Appends events at exactly the version that was read, when the session is saved.</summary>
    public void Append(params IReadOnlyCollection<IEvent> events) => _session.Append(Id, T.StreamType, Version, events);
}
