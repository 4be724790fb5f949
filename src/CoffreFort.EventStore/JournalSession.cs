namespace CoffreFort.EventStore;

/// <summary>A unit of work: streams are fetched, events are decided on, and all of it is appended at once or not at all.</summary>
/// <remarks>Not safe for concurrent use. Nothing is held in the database between fetching and saving.</remarks>
public sealed class JournalSession
{
    private readonly Journal _journal;
    private readonly EventMetadata _metadata;
    private readonly string? _idempotencyKey;
    private readonly Recall _recall;
    private readonly int _lineage;
    private readonly Dictionary<Guid, PendingStream> _appends = [];
    private readonly Dictionary<Guid, long> _guards = [];
    private readonly HashSet<Guid> _recalled = [];
    private DateTimeOffset? _now;
    private bool _reckoned;
    private DateTimeOffset? _notAfter;
    private readonly List<Func<PendingAppend, Action?>> _onceSaved = [];
    private bool _savedUnderKey;

    internal JournalSession(Journal journal, EventMetadata metadata, string? idempotencyKey, Recall recall)
    {
        if (idempotencyKey is { Length: > 200 or 0 })
            throw new ArgumentException("An idempotency key has 1 to 200 characters.", nameof(idempotencyKey));
        StorableText.Require(idempotencyKey, nameof(idempotencyKey));
        _journal = journal;
        _metadata = metadata;
        _idempotencyKey = idempotencyKey;
        _recall = recall;
        _lineage = journal.Remembered.Lineage;
    }

    /// <summary>
    /// The journal's time at the last fetch: at or before the time that an append of this session will carry.
    /// </summary>
    /// <exception cref="InvalidOperationException">Nothing was fetched yet; use <see cref="NowAsync"/>.</exception>
    public DateTimeOffset Now => _now ?? throw new InvalidOperationException("Fetch a stream first, or ask NowAsync.");

    /// <summary>Whether a stream was taken as this node remembers it; see <see cref="Recall.Rely"/>.</summary>
    public bool ReliesOnMemory => _recalled.Count > 0;

    /// <summary>Whether anything was appended that is not saved yet.</summary>
    public bool HasChanges => _appends.Count > 0;

    /// <summary>Fetches a stream, to decide and append at the version that was read.</summary>
    /// <remarks>A stream of another kind than <typeparamref name="T"/> folds as one that does not exist; appending to it fails.</remarks>
    public async Task<EventStream<T>> FetchForWriting<T>(Guid id, CancellationToken cancellation = default)
        where T : class, IAggregate<T>
    {
        if (Remembered<T>(id) is { } remembered) return new EventStream<T>(this, id, remembered);
        var fetched = await _journal.FetchAsync<T>(id, cancellation);
        // What PostgreSQL says counts more than what was reckoned from what it said before.
        _now = !_reckoned && _now > fetched.Now ? _now : fetched.Now;
        _reckoned = false;
        if (_recall != Recall.None)
        {
            _journal.Remembered.Saw(fetched.Now, _lineage);
            _journal.Remembered.Keep(id, new RecalledState<T>(fetched.State, fetched.Version), _lineage);
        }

        return new EventStream<T>(this, id, fetched);
    }

    /// <summary>Fetches a stream that must still stand at the version read when the session is saved, though nothing is appended to it.</summary>
    /// <remarks>
    /// This closes races between streams: the habilitation when evidence is read, the mandate when a helper deposits.
    /// A stream that did not exist must still not exist. Fetched again at another version, it no longer stands as it was first guarded: saving will fail.
    /// </remarks>
    public async Task<EventStream<T>> FetchGuarded<T>(Guid id, CancellationToken cancellation = default)
        where T : class, IAggregate<T>
    {
        var stream = await FetchForWriting<T>(id, cancellation);
        stream.Guard();
        return stream;
    }

    /// <summary>Begins a new stream; saving fails with <see cref="ConcurrencyException"/> if it exists by then.</summary>
    public void StartStream<T>(Guid id, params IReadOnlyCollection<IEvent> events)
        where T : class, IAggregate<T>
    {
        Append(id, T.StreamType, 0, events);
        RememberOnceSaved(id, T.Empty, 0);
    }

    /// <summary>Appends to a stream at whatever version it will stand, or begins it: for facts that no decision depends on.</summary>
    /// <remarks>
    /// The events' versions are not known yet when they are written as JSON: <see cref="EventCoordinates.Version"/> is 0 there,
    /// and what is encrypted under it could not be read back. Give such events a known version.
    /// Saving fails with <see cref="InvalidOperationException"/> if the stream is of another kind by then.
    /// </remarks>
    public void Append<T>(Guid id, params IReadOnlyCollection<IEvent> events)
        where T : class, IAggregate<T> => Append(id, T.StreamType, null, events);

    /// <summary>The journal's time now, when nothing was fetched yet; else the time of the last fetch.</summary>
    public async Task<DateTimeOffset> NowAsync(CancellationToken cancellation = default) =>
        _now ??= await _journal.NowAsync(cancellation);

    /// <summary>Saving fails with <see cref="AppendTooLateException"/> once the journal's clock has passed <paramref name="limit"/>.</summary>
    public void NotAfter(DateTimeOffset limit) => _notAfter = _notAfter < limit ? _notAfter : limit;

    /// <summary>What an earlier save with this session's idempotency key gave, or null.</summary>
    public async Task<AppendResult?> FindEarlierAsync(CancellationToken cancellation = default) =>
        _idempotencyKey is null ? null : await _journal.FindByIdempotencyKeyAsync(_idempotencyKey, cancellation);

    /// <summary>Appends everything at once; returns when it is durable.</summary>
    /// <exception cref="ConcurrencyException">A stream moved on since it was read.</exception>
    /// <exception cref="AppendTooLateException">The journal's clock has passed the limit.</exception>
    /// <exception cref="JournalUnavailableException">The journal can't be written now, or the outcome is not known.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled; the append may still succeed.</exception>
    /// <exception cref="InvalidOperationException">There is nothing to save, or this session's idempotency key was used up by an earlier save.</exception>
    public async Task<AppendResult> SaveChangesAsync(CancellationToken cancellation = default)
    {
        if (_appends.Count == 0) throw new InvalidOperationException("There is nothing to save.");
        if (_savedUnderKey) throw new InvalidOperationException("The idempotency key stands for one save, and that was done; open another session.");
        var append = new PendingAppend
        {
            Streams = [.. _appends.Values],
            // An append at the guard's version says the same. One at another version can't be true beside it: the writer refuses that, unless the key was used before.
            Guards = [.. _guards.Where(guard => !_appends.TryGetValue(guard.Key, out var stream) || stream.ExpectedVersion != guard.Value).Select(guard => (guard.Key, guard.Value))],
            IdempotencyKey = _idempotencyKey,
            NotAfter = _notAfter,
            NotBefore = _now ?? DateTimeOffset.MinValue,
            Lineage = ReliesOnMemory ? _lineage : null,
        };
        _appends.Clear();
        var remembering = _onceSaved.ConvertAll(once => once(append));
        _onceSaved.Clear();
        var result = await _journal.AppendAsync(append, cancellation);
        if (!result.Repeated) remembering.ForEach(remember => remember?.Invoke());
        _savedUnderKey = _idempotencyKey is not null;
        return result;
    }

    /// <summary>As the stream will stand once this session is saved, folded from the very bytes that are written: what an event carries before that is more than what it says after.</summary>
    internal void RememberOnceSaved<T>(Guid id, T before, long version)
        where T : class, IAggregate<T>
    {
        if (_recall == Recall.None) return;
        _onceSaved.Add(append =>
        {
            if (append.Streams.FirstOrDefault(stream => stream.StreamId == id) is not { } stream || stream.ExpectedVersion != version) return null;
            var (state, at) = (before, version);
            foreach (var pending in stream.Events)
                state = T.Evolve(state, _journal.Registry.Read(pending.Data, new EventCoordinates(pending.Id, pending.Type, id, ++at)));
            return () => _journal.Remembered.Keep(id, new RecalledState<T>(state, at), _lineage);
        });
    }

    /// <summary>The first word stays: something was decided on it.</summary>
    internal void Guard(Guid streamId, long version) => _guards.TryAdd(streamId, version);

    private FetchedState<T>? Remembered<T>(Guid id)
        where T : class, IAggregate<T>
    {
        if (_recall != Recall.Rely || (_now ?? _journal.Remembered.Now) is not { } now || _journal.Remembered.Find<T>(id) is not { } known) return null;
        // Who asks a second time wants to know what has changed since.
        if (!_recalled.Add(id)) return null;
        _reckoned |= _now is null;
        _now = now;
        Guard(id, known.Version);
        return new FetchedState<T>(now, known.State, known.Version, known.Version);
    }

    internal void Append(Guid streamId, string streamType, long? version, IReadOnlyCollection<IEvent> events)
    {
        if (events.Count == 0) return;
        if (!_appends.TryGetValue(streamId, out var pending)) pending = new PendingStream(streamId, streamType, version, []);
        if (pending.StreamType != streamType)
            throw new InvalidOperationException($"Stream {streamId} can't be both a '{pending.StreamType}' and a '{streamType}'.");
        _appends[streamId] = pending = pending with { ExpectedVersion = pending.ExpectedVersion ?? version };
        foreach (var @event in events)
        {
            var type = _journal.Registry.NameOf(@event.GetType());
            var at = new EventCoordinates(
                EventId.Next(), type, streamId, pending.ExpectedVersion is { } known ? known + pending.Events.Count + 1 : 0);
            pending.Events.Add(new PendingEvent(
                at.EventId, type, @event.GetType().FullName ?? type, _journal.Registry.Write(@event, at), _metadata));
        }
    }
}
