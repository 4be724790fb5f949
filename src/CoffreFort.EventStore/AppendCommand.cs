using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace CoffreFort.EventStore;

/// <summary>
/// The one statement that writes a group (<c>coffrefort.journal_append</c>), prepared on one connection and used again and again:
/// as a transaction of its own, or as the end of one that holds the head's lock already. Not safe for concurrent use.
/// </summary>
internal sealed class AppendCommand : IAsyncDisposable
{
    private const int ParameterCount = 32;

    private static readonly string sql = "select coffrefort.journal_append("
        + string.Join(", ", Enumerable.Range(1, ParameterCount).Select(place => string.Create(CultureInfo.InvariantCulture, $"${place}"))) + ")";

    private readonly NpgsqlBatch _batch;
    private readonly NpgsqlParameterCollection _parameters;
    private int _next;
    private bool _prepared;

    /// <param name="connection">The connection it belongs to.</param>
    /// <param name="endsTransaction">Whether it commits the transaction that was begun before; else it is one by itself.</param>
    public AppendCommand(NpgsqlConnection connection, bool endsTransaction)
    {
        var append = new NpgsqlBatchCommand(sql);
        _parameters = append.Parameters;
        _batch = new NpgsqlBatch(connection);
        _batch.BatchCommands.Add(append);
        if (endsTransaction) _batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
    }

    /// <summary>Writes and commits the group; returns PostgreSQL's clock at its end.</summary>
    /// <param name="group">The group, sealed.</param>
    /// <param name="patience">By how much its time may lie behind PostgreSQL's clock.</param>
    /// <param name="clockOffset">A drill's.</param>
    /// <param name="cancellation">Ends the wait; the outcome is then unknown.</param>
    public async Task<DateTimeOffset> ExecuteAsync(AppendGroup group, TimeSpan patience, TimeSpan clockOffset, CancellationToken cancellation)
    {
        // In the order in which the function names them.
        _next = 0;
        PutHead(group, patience, clockOffset);
        PutStreams(group.Streams);
        PutGuards([.. group.Guards]);
        PutKeys(group.Accepted);
        PutEvents([.. group.Events]);
        if (!_prepared) await _batch.PrepareAsync(cancellation);
        _prepared = true;
        return JournalTime.FromDatabase((DateTime)(await _batch.ExecuteScalarAsync(cancellation))!);
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();

    private void PutHead(AppendGroup group, TimeSpan patience, TimeSpan clockOffset)
    {
        Put(group.SizeBefore, NpgsqlDbType.Bigint);
        Put(group.RootBefore, NpgsqlDbType.Bytea);
        Put(group.Fence, NpgsqlDbType.Bigint);
        Put(patience, NpgsqlDbType.Interval);
        Put(clockOffset, NpgsqlDbType.Interval);
        Put(group.Frontier.Size, NpgsqlDbType.Bigint);
        Put(group.Root, NpgsqlDbType.Bytea);
        Put(group.Frontier.ToBytes(), NpgsqlDbType.Bytea);
        Put(group.Now.UtcDateTime, NpgsqlDbType.TimestampTz);
    }

    private void PutStreams(IReadOnlyCollection<TouchedStream> streams)
    {
        var begun = streams.Where(stream => stream.Before == 0).ToArray();
        PutAll(begun, stream => stream.Id, NpgsqlDbType.Uuid);
        PutAll(begun, stream => stream.Type, NpgsqlDbType.Varchar);
        PutAll(begun, stream => stream.After, NpgsqlDbType.Bigint);
        var moved = begun.Length == streams.Count ? [] : streams.Where(stream => stream.Before > 0).ToArray();
        PutAll(moved, stream => stream.Id, NpgsqlDbType.Uuid);
        PutAll(moved, stream => stream.Type, NpgsqlDbType.Varchar);
        PutAll(moved, stream => stream.Before, NpgsqlDbType.Bigint);
        PutAll(moved, stream => stream.After, NpgsqlDbType.Bigint);
    }

    private void PutGuards(KeyValuePair<Guid, long>[] guards)
    {
        PutAll(guards, guard => guard.Key, NpgsqlDbType.Uuid);
        PutAll(guards, guard => guard.Value, NpgsqlDbType.Bigint);
    }

    private void PutKeys(List<(PendingAppend Append, AppendResult Result)> accepted)
    {
        var keyed = accepted.Where(one => one.Append.IdempotencyKey is not null && one.Result is { Repeated: false, FirstPosition: > 0 }).ToArray();
        PutAll(keyed, one => one.Append.IdempotencyKey!, NpgsqlDbType.Varchar);
        PutAll(keyed, one => one.Result.FirstPosition, NpgsqlDbType.Bigint);
        PutAll(keyed, one => one.Result.LastPosition, NpgsqlDbType.Bigint);
    }

    private void PutEvents(EventRow[] rows)
    {
        PutAll(rows, row => row.At.EventId, NpgsqlDbType.Uuid);
        PutAll(rows, row => row.At.StreamId, NpgsqlDbType.Uuid);
        PutAll(rows, row => row.At.Version, NpgsqlDbType.Bigint);
        PutAll(rows, row => row.Pending.Data, NpgsqlDbType.Json);
        PutAll(rows, row => row.At.Type, NpgsqlDbType.Varchar);
        PutAll(rows, row => row.Pending.DotNetType, NpgsqlDbType.Varchar);
        PutSome(rows, row => row.Pending.Metadata.CorrelationId, NpgsqlDbType.Varchar);
        PutSome(rows, row => row.Pending.Metadata.CausationId, NpgsqlDbType.Varchar);
        PutSome(rows, row => row.Pending.Metadata.HeadersJson, NpgsqlDbType.Json);
        PutSome(rows, row => row.Pending.Metadata.UserName, NpgsqlDbType.Varchar);
        PutAll(rows, row => row.LeafHash, NpgsqlDbType.Bytea);
    }

    private void PutAll<TRow, T>(TRow[] rows, Converter<TRow, T> column, NpgsqlDbType element) =>
        Put(Array.ConvertAll(rows, column), NpgsqlDbType.Array | element);

    /// <summary>A column that may be null in every row: unnest fills a shorter array up with nulls.</summary>
    private void PutSome<TRow, T>(TRow[] rows, Converter<TRow, T?> column, NpgsqlDbType element)
        where T : class => PutAll(Array.Exists(rows, row => column(row) is not null) ? rows : [], column, element);

    /// <summary>The next parameter; made at the first execution, and given another value at each later one.</summary>
    private void Put<T>(T value, NpgsqlDbType type)
    {
        if (_next == _parameters.Count) _parameters.Add(new NpgsqlParameter<T> { NpgsqlDbType = type });
        ((NpgsqlParameter<T>)_parameters[_next++]).TypedValue = value;
    }
}
