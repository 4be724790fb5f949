using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>The journal: one dense order of events over all streams, in PostgreSQL (docs/architecture.md, "The journal").</summary>
/// <remarks>
/// One instance a node. Safe for concurrent use. Every method that reads or writes throws <see cref="JournalUnavailableException"/>
/// when PostgreSQL can't be reached.
/// </remarks>
public sealed class Journal : IAsyncDisposable, IDisposable
{
    private const int PageSize = 5000;

    // The one that the caller works through, and the one that PostgreSQL sends meanwhile.
    private const int PagesAhead = 2;

    private readonly NpgsqlDataSource _database;
    private readonly JournalWriter _writer;
    private readonly EventStreamReader _streams;
    private readonly StreamFetcher _fetcher;

    /// <summary>Over a database whose tables <see cref="JournalSchema.MigrateAsync"/> made.</summary>
    /// <param name="database">Connects as the application's role, which can't update or delete events.</param>
    /// <param name="registry">The names of all events.</param>
    /// <param name="options">How to write; null for the defaults.</param>
    public Journal(NpgsqlDataSource database, EventRegistry registry, JournalOptions? options = null)
    {
        _database = database;
        Registry = registry;
        Options = options ?? new JournalOptions();
        _streams = new EventStreamReader(database, registry);
        _fetcher = new StreamFetcher(database, registry, Options);
        _writer = new JournalWriter(database, Options, Remembered, position => Committed?.Invoke(position));
    }

    /// <summary>Raised on this node after each of its commits, with the new size; handlers must be quick. What they throw is swallowed: the commit stands.</summary>
    public event Action<long>? Committed;

    /// <summary>The names of all events.</summary>
    public EventRegistry Registry { get; }

    /// <summary>How this node writes.</summary>
    public JournalOptions Options { get; }

    /// <summary>Begins a unit of work: fetch, decide, append, save.</summary>
    /// <param name="metadata">Who acts; stored with each event.</param>
    /// <param name="idempotencyKey">At most 200 characters. A repeated save with the same key adds nothing and gives the first result.</param>
    /// <param name="recall">What becomes of remembered states.</param>
    public JournalSession OpenSession(EventMetadata? metadata = null, string? idempotencyKey = null, Recall recall = Recall.None) =>
        new(this, metadata ?? EventMetadata.None, idempotencyKey, recall);

    /// <summary>A stream as this node remembers it, which may be old; null when it does not.</summary>
    public RecalledState<T>? Recalled<T>(Guid streamId)
        where T : class, IAggregate<T> => Remembered.Find<T>(streamId);

    /// <summary>The events of a stream in order of version; empty when there is no such stream.</summary>
    /// <param name="streamId">The stream.</param>
    /// <param name="version">Only up to this version, when given.</param>
    /// <param name="timestamp">Only up to this journal time, when given.</param>
    /// <param name="fromVersion">Only from this version on.</param>
    /// <param name="cancellation">Ends the read.</param>
    public Task<IReadOnlyList<StoredEvent>> FetchStreamAsync(
        Guid streamId, long? version = null, DateTimeOffset? timestamp = null, long fromVersion = 1, CancellationToken cancellation = default) =>
        Guarded(() => _streams.FetchAsync(new StreamQuery(streamId, version, timestamp, From: fromVersion), cancellation));

    /// <summary>The state of a stream, now or as of a version or an instant; null when it did not exist, or is of another kind.</summary>
    public async Task<T?> AggregateStreamAsync<T>(
        Guid streamId, long? version = null, DateTimeOffset? timestamp = null, CancellationToken cancellation = default)
        where T : class, IAggregate<T>
    {
        if (version is null && timestamp is null)
        {
            var fetched = await FetchAsync<T>(streamId, cancellation);
            return fetched.Version == 0 ? null : fetched.State;
        }

        var query = new StreamQuery(streamId, version, timestamp, T.StreamType);
        var (state, found) = await Guarded(() => _streams.FoldAsync<T>(query, cancellation));
        return found == 0 ? null : state;
    }

    /// <summary>All events after position <paramref name="after"/> up to and including <paramref name="until"/>, in order, streamed.</summary>
    /// <remarks>
    /// Read page by page, the next one while the caller works on this one; no connection and no snapshot is held for longer
    /// than a page takes, however slow the caller is.
    /// </remarks>
    /// <param name="after">0 to begin with the first event.</param>
    /// <param name="until">Null for the head at the time of the call; beyond the head it ends there.</param>
    /// <param name="cancellation">Ends the read.</param>
    public async IAsyncEnumerable<StoredEvent> ReadAllAsync(
        long after = 0, long? until = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var last = Math.Min(until ?? long.MaxValue, (await HeadAsync(cancellation)).Size);
        var pages = new Queue<(ChannelReader<IReadOnlyList<StoredEvent>> Parts, long End)>();
        for (var asked = after; asked < last || pages.Count > 0;)
        {
            for (; asked < last && pages.Count < PagesAhead; asked = pages.Last().End) Ask(asked, Math.Min(asked + PageSize, last));
            var (page, end) = pages.Dequeue();
            for (var reached = end; page is not null; page = reached < end ? Page(reached, end, bounded: true, cancellation) : null)
            {
                // Of large events a page holds a part of its range: the next one begins where it ended.
                reached = end;
                await foreach (var part in page.ReadAllAsync(cancellation))
                {
                    foreach (var stored in part) yield return stored;
                    if (part.Count > 0) reached = part[^1].Position;
                }
            }
        }

        void Ask(long from, long end) => pages.Enqueue((Page(from, end, bounded: false, cancellation), end));
    }

    /// <summary>Size, root and time of the journal now.</summary>
    public Task<JournalHead> HeadAsync(CancellationToken cancellation = default) =>
        Guarded(() => EventReader.HeadAsync(_database, cancellation));

    /// <summary>The journal's clock now: PostgreSQL's, and never before the last event's timestamp.</summary>
    public Task<DateTimeOffset> NowAsync(CancellationToken cancellation = default) =>
        Guarded(() => _fetcher.NowAsync(cancellation));

    /// <summary>
    /// The position of the last event at or before an instant: the state as of that instant is the fold of events 1 to it.
    /// 0 when nothing had been recorded. Final for instants more than 100 ms before <see cref="NowAsync"/> (a group's time may lie that far before its lock); later ones may still get events.
    /// </summary>
    public Task<long> PositionAtAsync(DateTimeOffset instant, CancellationToken cancellation = default) =>
        Guarded(() => EventReader.PositionAtAsync(_database, instant, cancellation));

    /// <summary>What an earlier append with this idempotency key gave, or null.</summary>
    public Task<AppendResult?> FindByIdempotencyKeyAsync(string key, CancellationToken cancellation = default) =>
        Guarded(() => EventReader.FindByKeyAsync(_database, key, cancellation));

    /// <summary>Lets the group that is being written end, refuses what waits behind it, and closes the connections that this node keeps.</summary>
    public async ValueTask DisposeAsync()
    {
        await _fetcher.DisposeAsync();
        await _writer.DisposeAsync();
    }

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    internal RememberedStates Remembered { get; } = new();

    internal Task<FetchedState<T>> FetchAsync<T>(Guid streamId, CancellationToken cancellation)
        where T : class, IAggregate<T> => Guarded(() => _fetcher.FetchAsync<T>(streamId, cancellation));

    /// <summary>Cancelling one caller's wait never cancels the group that its append is part of.</summary>
    internal Task<AppendResult> AppendAsync(PendingAppend append, CancellationToken cancellation) =>
        cancellation.IsCancellationRequested
            ? Task.FromCanceled<AppendResult>(cancellation)
            : _writer.AppendAsync(append).WaitAsync(cancellation);

    /// <summary>A page as it comes in: what the caller takes at once is garbage before the collector would have to copy it.</summary>
    private ChannelReader<IReadOnlyList<StoredEvent>> Page(long after, long last, bool bounded, CancellationToken cancellation)
    {
        // A page always fits, so that a slow caller doesn't keep the connection.
        var parts = Channel.CreateUnbounded<IReadOnlyList<StoredEvent>>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        _ = FillAsync();
        return parts.Reader;

        // Its failure goes to the reader. A caller that leaves the loop early never asks for it: then it concerns nobody.
        async Task FillAsync()
        {
            try
            {
                await Guarded(() => EventReader.ReadPartsAsync(_database, Registry, after, last, bounded, part => parts.Writer.TryWrite(part), cancellation));
                parts.Writer.Complete();
            }
#pragma warning disable CA1031 // Whatever it was, the reader gets it.
            catch (Exception failure)
            {
                parts.Writer.Complete(failure);
            }
#pragma warning restore CA1031
        }
    }

    internal static async Task<T> Guarded<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception failure) when (failure is not OperationCanceledException && Outage.Is(failure))
        {
            throw Outage.Translate(failure, "read");
        }
    }
}
