using System.Data;
using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>
/// What the events of one snapshot say of stored content, in a temporary table of this session: it can be asked in both directions without being held in memory.
/// Not safe for concurrent use.
/// </summary>
internal sealed class DepositedContents : IAsyncDisposable
{
    public const int PageSize = 500;

    private const string Stated = """
        select seq_id, stream_id as document, coalesce(data ->> 'number', '1') as version, coalesce(data #>> '{content,blob}', '') as blob,
            coalesce(data #>> '{content,sealedSize}', '') as length, coalesce(data #>> '{content,ciphertextSha256}', '') as sha256
        from coffrefort.mt_events where regexp_replace(type, '_v[0-9]+$', '') in ('document_deposited', 'version_deposited')
        """;

    private const string Gather = $"""
        create temporary table deposited on commit drop as {Stated};
        create index on deposited (seq_id);
        create index on deposited (blob);
        analyze deposited;
        """;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private DepositedContents(NpgsqlConnection connection, NpgsqlTransaction transaction) => (_connection, _transaction) = (connection, transaction);

    public long Count { get; private set; }

    public static async Task<DepositedContents> ReadAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var connection = await database.OpenConnectionAsync(cancellation);
        var contents = new DepositedContents(connection, await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation));
        await using (var gather = new NpgsqlCommand(Gather, connection) { CommandTimeout = 0 }) await gather.ExecuteNonQueryAsync(cancellation);
        await using var count = new NpgsqlCommand("select count(*) from deposited", connection);
        contents.Count = (long)(await count.ExecuteScalarAsync(cancellation))!;
        return contents;
    }

    /// <summary>Of the events after one position up to another, without a snapshot for all.</summary>
    public static async Task<List<DepositedContent>> RangeAsync(NpgsqlDataSource database, long after, long until, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Stated + " and seq_id > $1 and seq_id <= $2 order by seq_id");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = until });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<DepositedContent>();
        while (await reader.ReadAsync(cancellation)) rows.Add(Row(reader));
        return rows;
    }

    /// <summary>The next ones in order; none at the end.</summary>
    public Task<List<DepositedContent>> PageAsync(long after, CancellationToken cancellation) => ListAsync(
        $"select seq_id, document, version, blob, length, sha256 from deposited where seq_id > $1 order by seq_id limit {PageSize}",
        Row, cancellation, after);

    /// <summary>Which of these blobs an event names.</summary>
    public async Task<HashSet<string>> NamedAsync(string[] blobs, CancellationToken cancellation) =>
        [.. await ListAsync("select blob from deposited where blob = any($1)", row => row.GetString(0), cancellation, (object)blobs)];

    /// <summary>The next owners of personal texts: the streams that each have keys of their own.</summary>
    public Task<List<Guid>> OwnersAsync(Guid? after, CancellationToken cancellation) => ListAsync(
        $"select id from coffrefort.mt_streams where type in ('vault', 'agency', 'audit') and ($1 or id > $2) order by id limit {PageSize}",
        row => row.GetGuid(0), cancellation, after is null, after ?? Guid.Empty);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static DepositedContent Row(NpgsqlDataReader row) =>
        new(row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5));

    private async Task<List<T>> ListAsync<T>(string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellation, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, _connection) { CommandTimeout = 0 };
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation)) rows.Add(row(reader));
        return rows;
    }
}
