using CoffreFort.EventStore;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Operations;
using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>
/// What the events of one snapshot say of stored content, in a temporary table of this session: it can be asked in both directions without being held in memory.
/// Not safe for concurrent use.
/// </summary>
internal sealed class DepositedContents : IAsyncDisposable
{
    public const int PageSize = 500;

    private const string Create = """
        create temporary table deposited (seq_id bigint, document uuid, version text, blob text, length text, sha256 text) on commit drop
        """;

    private const string Index = "create index on deposited (seq_id); create index on deposited (blob); analyze deposited";

    private const string Insert = "insert into deposited select * from unnest($1, $2, $3, $4, $5, $6)";

    private readonly NpgsqlDataSource _database;
    private readonly ReadSnapshot _snapshot;
    private readonly NpgsqlConnection _session;
    private readonly IntegrityReport _report;

    private DepositedContents(NpgsqlDataSource database, ReadSnapshot snapshot, NpgsqlConnection session, IntegrityReport report) =>
        (_database, _snapshot, _session, _report) = (database, snapshot, session, report);

    public long Count { get; private set; }

    /// <summary>Whether every event could be read and names a blob.</summary>
    public bool Complete { get; private set; } = true;

    public static async Task<DepositedContents> ReadAsync(NpgsqlDataSource database, IntegrityReport report, CancellationToken cancellation)
    {
        var snapshot = await ReadSnapshot.BeginAsync(database, cancellation);
        try
        {
            await snapshot.ByIndexAsync(true, cancellation);
            var contents = new DepositedContents(database, snapshot, (await snapshot.JoinAsync(cancellation)).Connection!, report);
            await contents.GatherAsync(cancellation);
            return contents;
        }
        catch
        {
            await snapshot.DisposeAsync();
            throw;
        }
    }

    /// <summary>Of the events after one position up to another, without a snapshot for all. Those that can't be read are passed over.</summary>
    public static async Task<List<DepositedContent>> RangeAsync(NpgsqlDataSource database, long after, long until, CancellationToken cancellation)
    {
        await using var snapshot = await ReadSnapshot.BeginAsync(database, cancellation);
        await snapshot.ByIndexAsync(true, cancellation);
        return await new DepositedEvents(snapshot, new IntegrityReport()).RangeAsync(after, until, cancellation);
    }

    /// <summary>The next ones in order; none at the end.</summary>
    public Task<List<DepositedContent>> PageAsync(long after, CancellationToken cancellation) => ListAsync(
        $"select seq_id, document, version, blob, length, sha256 from deposited where seq_id > $1 order by seq_id limit {PageSize}",
        row => new DepositedContent(row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5)), cancellation, after);

    /// <summary>Which of these blobs an event names.</summary>
    public async Task<HashSet<string>> NamedAsync(string[] blobs, CancellationToken cancellation) =>
        [.. await ListAsync("select blob from deposited where blob = any($1)", row => row.GetString(0), cancellation, (object)blobs)];

    /// <summary>The next owners of personal texts: the streams that each have keys of their own.</summary>
    public Task<(List<Guid> Rows, string? Unreadable)> OwnersAsync(Guid? after, CancellationToken cancellation) => _snapshot.TryListAsync(
        // Of the operators' acts only one kind has a personal text.
        $"""
        select id from coffrefort.mt_streams
        where ($1 or id > $2) and (type in ('agency', 'audit')
            or (type = 'vault' and not exists (select from coffrefort.mt_events where stream_id = mt_streams.id and type ~ '^vault_erased(_v[0-9]+)?$'))
            or (id = $3 and exists (select from coffrefort.mt_events where stream_id = $3 and type = 'restored_journal_accepted')))
        order by id limit {PageSize}
        """,
        row => row.GetGuid(0), cancellation, after is null, after ?? Guid.Empty, OperatorActs.Stream);

    /// <summary>The next documents and vaults whose keys the journal says are destroyed, by the position of that event.</summary>
    public Task<(List<(long Position, Guid Stream)> Rows, string? Unreadable)> DestroyedAsync(long after, CancellationToken cancellation) => _snapshot.TryListAsync(
        $"""
        select seq_id, stream_id from coffrefort.mt_events
        where seq_id > $1 and regexp_replace(type, '_v[0-9]+$', '') in ('key_destroyed', 'vault_keys_destroyed') order by seq_id limit {PageSize}
        """,
        row => (row.GetInt64(0), row.GetGuid(1)), cancellation, after);

    /// <summary>Which of these documents and vaults were erased since the snapshot: what is missing of them now is missing rightly.</summary>
    public Task<HashSet<Guid>> ErasedSinceAsync(Guid[] streams, CancellationToken cancellation) => ErasedAsync(_database, streams, cancellation);

    public static async Task<bool> IsErasedAsync(NpgsqlDataSource database, Guid document, CancellationToken cancellation) =>
        (await ErasedAsync(database, [document], cancellation)).Count > 0;

    private static async Task<HashSet<Guid>> ErasedAsync(NpgsqlDataSource database, Guid[] streams, CancellationToken cancellation)
    {
        if (streams.Length == 0) return [];
        await using var command = database.CreateCommand(
            "select distinct stream_id from coffrefort.mt_events where stream_id = any($1) and type ~ '^(document|vault)_erased(_v[0-9]+)?$'");
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = streams });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var erased = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellation)) erased.Add(reader.GetGuid(0));
        return erased;
    }

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        await _snapshot.DisposeAsync();
    }

    private async Task GatherAsync(CancellationToken cancellation)
    {
        await ExecuteAsync(Create, cancellation);
        var events = new DepositedEvents(_snapshot, _report);
        var size = await events.SizeAsync(cancellation);
        for (var after = 0L; after < size; after += PageSize) await AddAsync(await events.RangeAsync(after, Math.Min(after + PageSize, size), cancellation), cancellation);
        await AddAsync(await events.StraysAsync(size, cancellation), cancellation);
        Complete &= events.Complete;
        await ExecuteAsync(Index, cancellation);
    }

    private async Task AddAsync(List<DepositedContent> contents, CancellationToken cancellation)
    {
        foreach (var content in contents.Where(content => content.HoldsNul))
        {
            _report.Unchecked(
                Areas.Blobs, $"mt_events seq_id={content.Position}",
                "holds an escaped NUL: what it says of content was read all the same, and no query of PostgreSQL's, views among them, can read that text");
        }

        if (contents.Count == 0) return;
        Complete &= contents.All(content => BlobName.TryParse(content.Blob, out _));
        Count += contents.Count;
        await ExecuteAsync(
            Insert, cancellation, contents.Select(one => one.Position).ToArray(), contents.Select(one => one.Document).ToArray(), contents.Select(one => one.Version).ToArray(),
            contents.Select(one => one.Blob).ToArray(), contents.Select(one => one.Length).ToArray(), contents.Select(one => one.Sha256).ToArray());
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellation, params object[] values)
    {
        await using var command = Command(sql, values);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<List<T>> ListAsync<T>(string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellation, params object[] values)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation)) rows.Add(row(reader));
        return rows;
    }

    private NpgsqlCommand Command(string sql, object[] values)
    {
        var command = new NpgsqlCommand(sql, _session) { CommandTimeout = 0 };
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
