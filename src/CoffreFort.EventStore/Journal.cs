using System.Runtime.CompilerServices;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>The journal: one dense order of events over all streams, in PostgreSQL (docs/architecture.md, "The journal").</summary>
/// <remarks>
/// One instance a node. Safe for concurrent use. Every method that reads or writes throws <see cref="JournalUnavailableException"/>
/// when PostgreSQL can't be reached.
/// </remarks>
public sealed class Journal
{
    private readonly NpgsqlDataSource _database;
    private readonly JournalWriter _writer;

    /// <summary>Over a database whose tables <see cref="JournalSchema.MigrateAsync"/> made.</summary>
    /// <param name="database">Connects as the application's role, which can't update or delete events.</param>
    /// <param name="registry">The names of all events.</param>
    /// <param name="options">How to write; null for the defaults.</param>
    public Journal(NpgsqlDataSource database, EventRegistry registry, JournalOptions? options = null)
    {
        _database = database;
        Registry = registry;
        Options = options ?? new JournalOptions();
        _writer = new JournalWriter(database, Options, position => Committed?.Invoke(position));
    }

    /// <summary>Raised on this node after each of its commits, with the new size; handlers must be quick and not throw.</summary>
    public event Action<long>? Committed;

    /// <summary>The names of all events.</summary>
    public EventRegistry Registry { get; }

    /// <summary>How this node writes.</summary>
    public JournalOptions Options { get; }

    /// <summary>Begins a unit of work: fetch, decide, append, save.</summary>
    /// <param name="metadata">Who acts; stored with each event.</param>
    /// <param name="idempotencyKey">At most 200 characters. A repeated save with the same key adds nothing and gives the first result.</param>
    public JournalSession OpenSession(EventMetadata? metadata = null, string? idempotencyKey = null) =>
        new(this, metadata ?? EventMetadata.None, idempotencyKey);

    /// <summary>The events of a stream in order of version; empty when there is no such stream.</summary>
    /// <param name="streamId">The stream.</param>
    /// <param name="version">Only up to this version, when given.</param>
    /// <param name="timestamp">Only up to this journal time, when given.</param>
    /// <param name="cancellation">Ends the read.</param>
    public Task<IReadOnlyList<StoredEvent>> FetchStreamAsync(
        Guid streamId, long? version = null, DateTimeOffset? timestamp = null, CancellationToken cancellation = default) =>
        Guarded(() => EventReader.FetchStreamAsync(_database, Registry, streamId, version, timestamp, cancellation));

    /// <summary>The state of a stream, now or as of a version or an instant; null when it did not exist.</summary>
    public async Task<T?> AggregateStreamAsync<T>(
        Guid streamId, long? version = null, DateTimeOffset? timestamp = null, CancellationToken cancellation = default)
        where T : class, IAggregate<T>
    {
        var (state, found) = Fold.Of<T>(await FetchStreamAsync(streamId, version, timestamp, cancellation));
        return found == 0 ? null : state;
    }

    /// <summary>All events after position <paramref name="after"/> up to and including <paramref name="until"/>, in order, streamed.</summary>
    /// <param name="after">0 to begin with the first event.</param>
    /// <param name="until">Null for the head at the time of the call.</param>
    /// <param name="cancellation">Ends the read.</param>
    public async IAsyncEnumerable<StoredEvent> ReadAllAsync(
        long after = 0, long? until = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var last = until ?? (await HeadAsync(cancellation)).Size;
        await using var connection = await Guarded(() => _database.OpenConnectionAsync(cancellation).AsTask());
        await foreach (var stored in EventReader.ReadAllAsync(connection, Registry, after, last, cancellation)) yield return stored;
    }

    /// <summary>Size, root and time of the journal now.</summary>
    public Task<JournalHead> HeadAsync(CancellationToken cancellation = default) =>
        Guarded(() => EventReader.HeadAsync(_database, cancellation));

    /// <summary>The journal's clock now: PostgreSQL's, and never before the last event's timestamp.</summary>
    public Task<DateTimeOffset> NowAsync(CancellationToken cancellation = default) =>
        Guarded(() => EventReader.NowAsync(_database, Options, cancellation));

    /// <summary>
    /// The position of the last event at or before an instant: the state as of that instant is the fold of events 1 to it.
    /// 0 when nothing had been recorded.
    /// </summary>
    public Task<long> PositionAtAsync(DateTimeOffset instant, CancellationToken cancellation = default) =>
        Guarded(() => EventReader.PositionAtAsync(_database, instant, cancellation));

    /// <summary>What an earlier append with this idempotency key gave, or null.</summary>
    public Task<AppendResult?> FindByIdempotencyKeyAsync(string key, CancellationToken cancellation = default) =>
        Guarded(() => EventReader.FindByKeyAsync(_database, key, cancellation));

    internal Task<FetchedStream> FetchAsync(Guid streamId, CancellationToken cancellation) =>
        Guarded(() => EventReader.FetchWithClockAsync(_database, this, streamId, cancellation));

    /// <summary>Cancelling one caller's wait never cancels the group that its append is part of.</summary>
    internal Task<AppendResult> AppendAsync(PendingAppend append, CancellationToken cancellation) =>
        _writer.AppendAsync(append).WaitAsync(cancellation);

    private static async Task<T> Guarded<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (NpgsqlException failure) when (failure.IsTransient || failure is not PostgresException || failure.SqlState is ['5', '7', 'P', ..])
        {
            throw new JournalUnavailableException("The journal can't be read now.", failure);
        }
    }
}
