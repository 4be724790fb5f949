using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>
/// Fetches streams for decisions. What is asked for while a statement is on its way goes together in the next one (as appends do in their group), and the
/// connections are kept: what a pool does to a connection between two users would cost as much as the statement. Safe for concurrent use.
/// </summary>
internal sealed class StreamFetcher : IAsyncDisposable
{
    // One would let the second caller wait for the first one's round trip; more would make many small groups out of one.
    private const int Lanes = 2;

    private readonly FetchLane[] _lanes;
    private readonly Queue<StreamFetch> _waiting = [];
    private bool _closed;

    public StreamFetcher(NpgsqlDataSource database, EventRegistry registry, JournalOptions options)
    {
        var kinds = new KnownKinds();
        _lanes = [.. Enumerable.Range(0, Lanes).Select(_ => new FetchLane(new FetchConnection(database, registry, options, kinds), options, IsWaiting, Take))];
    }

    /// <summary>A stream folded, with the journal's time. One of another kind folds as one that does not exist, but has its version.</summary>
    /// <remarks>What was committed before the call is seen: a statement takes only what waits when it is sent.</remarks>
    /// <param name="streamId">The stream.</param>
    /// <param name="cancellation">Ends this caller's wait; those who are fetched with it get theirs.</param>
    public async Task<FetchedState<T>> FetchAsync<T>(Guid streamId, CancellationToken cancellation)
        where T : class, IAggregate<T>
    {
        var fetch = new StreamFetch<T>(streamId);
        Ask(fetch, cancellation);
        return await fetch.Fetched.WaitAsync(cancellation);
    }

    /// <summary>The journal's time.</summary>
    public async Task<DateTimeOffset> NowAsync(CancellationToken cancellation)
    {
        var clock = new ClockFetch();
        Ask(clock, cancellation);
        return await clock.Now.WaitAsync(cancellation);
    }

    /// <summary>Refuses what waits, lets end what is under way, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        List<StreamFetch> left;
        lock (_waiting)
        {
            _closed = true;
            left = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var fetch in left) fetch.Fail(new JournalUnavailableException("The journal is closed."));
        foreach (var lane in _lanes) await lane.DisposeAsync();
    }

    private void Ask(StreamFetch fetch, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_waiting)
        {
            if (_closed) throw new JournalUnavailableException("The journal is closed.");
            _waiting.Enqueue(fetch);
        }

        foreach (var lane in _lanes)
        {
            if (lane.Signal()) break;
        }
    }

    private bool IsWaiting()
    {
        lock (_waiting) return _waiting.Count > 0;
    }

    private bool Take(List<StreamFetch> group, int most)
    {
        lock (_waiting)
        {
            while (group.Count < most && _waiting.TryDequeue(out var fetch)) group.Add(fetch);
        }

        return group.Count > 0;
    }
}
