using System.Data;
using Npgsql;
using NpgsqlTypes;

namespace CoffreFort.EventStore;

/// <summary>
/// The one statement that writes a group (<c>coffrefort.journal_append</c>), prepared on one connection and used again and again:
/// as a transaction of its own, or as the end of one that holds the head's lock already. Not safe for concurrent use.
/// </summary>
internal sealed class AppendCommand : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch;
    private readonly NpgsqlParameterCollection _parameters;
    private readonly NpgsqlParameter<long> _sizeBefore;
    private readonly NpgsqlParameter<byte[]> _rootBefore;
    private readonly NpgsqlParameter<long> _fenceBefore;
    private readonly NpgsqlParameter<TimeSpan> _patience;
    private readonly NpgsqlParameter<TimeSpan> _clockOffset;
    private readonly NpgsqlParameter<long> _sizeAfter;
    private readonly NpgsqlParameter<byte[]> _rootAfter;
    private readonly NpgsqlParameter<byte[]> _frontierAfter;
    private readonly NpgsqlParameter<DateTime> _at;
    private readonly NpgsqlParameter<Guid[]> _newIds;
    private readonly NpgsqlParameter<string[]> _newTypes;
    private readonly NpgsqlParameter<long[]> _newVersions;
    private readonly NpgsqlParameter<Guid[]> _movedIds;
    private readonly NpgsqlParameter<string[]> _movedTypes;
    private readonly NpgsqlParameter<long[]> _movedFrom;
    private readonly NpgsqlParameter<long[]> _movedTo;
    private readonly NpgsqlParameter<Guid[]> _guardIds;
    private readonly NpgsqlParameter<long[]> _guardVersions;
    private readonly NpgsqlParameter<string[]> _keys;
    private readonly NpgsqlParameter<long[]> _keysFirst;
    private readonly NpgsqlParameter<long[]> _keysLast;
    private readonly NpgsqlParameter<Guid[]> _eventIds;
    private readonly NpgsqlParameter<Guid[]> _eventStreams;
    private readonly NpgsqlParameter<long[]> _eventVersions;
    private readonly NpgsqlParameter<byte[][]> _eventData;
    private readonly NpgsqlParameter<string[]> _eventTypes;
    private readonly NpgsqlParameter<string[]> _dotnetTypes;
    private readonly NpgsqlParameter<string?[]> _correlations;
    private readonly NpgsqlParameter<string?[]> _causations;
    private readonly NpgsqlParameter<byte[]?[]> _eventHeaders;
    private readonly NpgsqlParameter<string?[]> _users;
    private readonly NpgsqlParameter<byte[][]> _leafHashes;

    private AppendCommand(NpgsqlConnection connection, bool endsTransaction)
    {
        var append = new NpgsqlBatchCommand();
        _parameters = append.Parameters;
        _sizeBefore = One<long>(NpgsqlDbType.Bigint);
        _rootBefore = One<byte[]>(NpgsqlDbType.Bytea);
        _fenceBefore = One<long>(NpgsqlDbType.Bigint);
        _patience = One<TimeSpan>(NpgsqlDbType.Interval);
        _clockOffset = One<TimeSpan>(NpgsqlDbType.Interval);
        _sizeAfter = One<long>(NpgsqlDbType.Bigint);
        _rootAfter = One<byte[]>(NpgsqlDbType.Bytea);
        _frontierAfter = One<byte[]>(NpgsqlDbType.Bytea);
        _at = One<DateTime>(NpgsqlDbType.TimestampTz);
        _newIds = Many<Guid>(NpgsqlDbType.Uuid);
        _newTypes = Many<string>(NpgsqlDbType.Varchar);
        _newVersions = Many<long>(NpgsqlDbType.Bigint);
        _movedIds = Many<Guid>(NpgsqlDbType.Uuid);
        _movedTypes = Many<string>(NpgsqlDbType.Varchar);
        _movedFrom = Many<long>(NpgsqlDbType.Bigint);
        _movedTo = Many<long>(NpgsqlDbType.Bigint);
        _guardIds = Many<Guid>(NpgsqlDbType.Uuid);
        _guardVersions = Many<long>(NpgsqlDbType.Bigint);
        _keys = Many<string>(NpgsqlDbType.Varchar);
        _keysFirst = Many<long>(NpgsqlDbType.Bigint);
        _keysLast = Many<long>(NpgsqlDbType.Bigint);
        _eventIds = Many<Guid>(NpgsqlDbType.Uuid);
        _eventStreams = Many<Guid>(NpgsqlDbType.Uuid);
        _eventVersions = Many<long>(NpgsqlDbType.Bigint);
        _eventData = Many<byte[]>(NpgsqlDbType.Json);
        _eventTypes = Many<string>(NpgsqlDbType.Varchar);
        _dotnetTypes = Many<string>(NpgsqlDbType.Varchar);
        _correlations = Many<string?>(NpgsqlDbType.Varchar);
        _causations = Many<string?>(NpgsqlDbType.Varchar);
        _eventHeaders = Many<byte[]?>(NpgsqlDbType.Json);
        _users = Many<string?>(NpgsqlDbType.Varchar);
        _leafHashes = Many<byte[]>(NpgsqlDbType.Bytea);
        append.CommandText = $"select coffrefort.journal_append({string.Join(", ", Enumerable.Range(1, _parameters.Count).Select(place => $"${place}"))})";
        _batch = new NpgsqlBatch(connection);
        _batch.BatchCommands.Add(append);
        if (endsTransaction) _batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
    }

    /// <param name="connection">The connection it is prepared on and belongs to.</param>
    /// <param name="endsTransaction">Whether it commits the transaction that was begun before; else it is one by itself.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<AppendCommand> PrepareAsync(NpgsqlConnection connection, bool endsTransaction, CancellationToken cancellation)
    {
        var command = new AppendCommand(connection, endsTransaction);
        await command._batch.PrepareAsync(cancellation);
        return command;
    }

    /// <summary>Writes and commits the group; returns PostgreSQL's clock at its end.</summary>
    /// <param name="group">The group, sealed.</param>
    /// <param name="patience">By how much its time may lie behind PostgreSQL's clock.</param>
    /// <param name="clockOffset">A drill's.</param>
    /// <param name="cancellation">Ends the wait; the outcome is then unknown.</param>
    public async Task<DateTimeOffset> ExecuteAsync(AppendGroup group, TimeSpan patience, TimeSpan clockOffset, CancellationToken cancellation)
    {
        SetHead(group, patience, clockOffset);
        SetStreams(group.Streams);
        SetGuards([.. group.Guards]);
        SetKeys(group.Accepted);
        SetEvents(group.Events);
        return JournalTime.FromDatabase((DateTime)(await _batch.ExecuteScalarAsync(cancellation))!);
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();

    private void SetHead(AppendGroup group, TimeSpan patience, TimeSpan clockOffset)
    {
        _sizeBefore.TypedValue = group.SizeBefore;
        _rootBefore.TypedValue = group.RootBefore;
        _fenceBefore.TypedValue = group.Fence;
        _patience.TypedValue = patience;
        _clockOffset.TypedValue = clockOffset;
        _sizeAfter.TypedValue = group.Frontier.Size;
        _rootAfter.TypedValue = group.Root;
        _frontierAfter.TypedValue = group.Frontier.ToBytes();
        _at.TypedValue = group.Now.UtcDateTime;
    }

    private void SetStreams(IReadOnlyCollection<TouchedStream> streams)
    {
        var begun = streams.Where(stream => stream.Before == 0).ToArray();
        _newIds.TypedValue = Array.ConvertAll(begun, stream => stream.Id);
        _newTypes.TypedValue = Array.ConvertAll(begun, stream => stream.Type);
        _newVersions.TypedValue = Array.ConvertAll(begun, stream => stream.After);
        var moved = begun.Length == streams.Count ? [] : streams.Where(stream => stream.Before > 0).ToArray();
        _movedIds.TypedValue = Array.ConvertAll(moved, stream => stream.Id);
        _movedTypes.TypedValue = Array.ConvertAll(moved, stream => stream.Type);
        _movedFrom.TypedValue = Array.ConvertAll(moved, stream => stream.Before);
        _movedTo.TypedValue = Array.ConvertAll(moved, stream => stream.After);
    }

    private void SetGuards(KeyValuePair<Guid, long>[] guards)
    {
        _guardIds.TypedValue = Array.ConvertAll(guards, guard => guard.Key);
        _guardVersions.TypedValue = Array.ConvertAll(guards, guard => guard.Value);
    }

    private void SetKeys(List<(PendingAppend Append, AppendResult Result)> accepted)
    {
        var keyed = accepted.Where(one => one.Append.IdempotencyKey is not null && one.Result is { Repeated: false, FirstPosition: > 0 }).ToArray();
        _keys.TypedValue = Array.ConvertAll(keyed, one => one.Append.IdempotencyKey!);
        _keysFirst.TypedValue = Array.ConvertAll(keyed, one => one.Result.FirstPosition);
        _keysLast.TypedValue = Array.ConvertAll(keyed, one => one.Result.LastPosition);
    }

    private void SetEvents(List<EventRow> events)
    {
        var rows = events.ToArray();
        _eventIds.TypedValue = Array.ConvertAll(rows, row => row.At.EventId);
        _eventStreams.TypedValue = Array.ConvertAll(rows, row => row.At.StreamId);
        _eventVersions.TypedValue = Array.ConvertAll(rows, row => row.At.Version);
        _eventData.TypedValue = Array.ConvertAll(rows, row => row.Pending.Data);
        _eventTypes.TypedValue = Array.ConvertAll(rows, row => row.At.Type);
        _dotnetTypes.TypedValue = Array.ConvertAll(rows, row => row.Pending.DotNetType);
        _correlations.TypedValue = Array.ConvertAll(rows, row => row.Pending.Metadata.CorrelationId);
        _causations.TypedValue = Array.ConvertAll(rows, row => row.Pending.Metadata.CausationId);
        _eventHeaders.TypedValue = Array.ConvertAll(rows, row => row.Pending.Metadata.HeadersJson);
        _users.TypedValue = Array.ConvertAll(rows, row => row.Pending.Metadata.UserName);
        _leafHashes.TypedValue = Array.ConvertAll(rows, row => row.LeafHash);
    }

    private NpgsqlParameter<T> One<T>(NpgsqlDbType type) => Added(new NpgsqlParameter<T> { NpgsqlDbType = type });

    private NpgsqlParameter<T[]> Many<T>(NpgsqlDbType element) => Added(new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | element });

    private NpgsqlParameter<T> Added<T>(NpgsqlParameter<T> parameter)
    {
        _parameters.Add(parameter);
        return parameter;
    }
}
