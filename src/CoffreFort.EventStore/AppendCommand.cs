using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace CoffreFort.EventStore;

/// <summary>
/// The statement that writes a group (<c>coffrefort.journal_append</c>), prepared on one connection and used again and again:
/// as a transaction of its own, or as the end of one that holds the head's lock already. Not safe for concurrent use.
/// </summary>
/// <param name="connection">The connection it belongs to.</param>
/// <param name="endsTransaction">Whether it commits the transaction that was begun before; else it is one by itself.</param>
internal sealed class AppendCommand(NpgsqlConnection connection, bool endsTransaction) : IAsyncDisposable
{
    private const int ListCount = 23;

    // A list that is empty (no guards, no keys, no stream that moved) is written into the statement: that spares its parameter at both ends.
    private readonly Dictionary<int, Statement> _statements = [];
    private readonly List<(Array Values, NpgsqlDbType Element)> _lists = new(ListCount);

    /// <summary>Writes and commits the group; returns PostgreSQL's clock at its end.</summary>
    /// <param name="group">The group, sealed.</param>
    /// <param name="patience">By how much its time may lie behind PostgreSQL's clock.</param>
    /// <param name="clockOffset">A drill's.</param>
    /// <param name="cancellation">Ends the wait; the outcome is then unknown.</param>
    public async Task<DateTimeOffset> ExecuteAsync(AppendGroup group, TimeSpan patience, TimeSpan clockOffset, CancellationToken cancellation)
    {
        // In the order in which the function names them.
        _lists.Clear();
        PutStreams(group.Streams);
        PutGuards([.. group.Guards]);
        PutKeys(group.Accepted);
        PutEvents([.. group.Events]);
        var statement = await PreparedAsync(cancellation);
        statement.PutHead(group, patience, clockOffset);
        statement.PutLists(_lists);
        return JournalTime.FromDatabase((DateTime)(await statement.Batch.ExecuteScalarAsync(cancellation))!);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var statement in _statements.Values) await statement.Batch.DisposeAsync();
    }

    private async Task<Statement> PreparedAsync(CancellationToken cancellation)
    {
        var shape = 0;
        for (var i = 0; i < _lists.Count; i++) shape |= _lists[i].Values.Length == 0 ? 0 : 1 << i;
        if (_statements.TryGetValue(shape, out var known)) return known;
        var statement = new Statement(connection, endsTransaction, _lists);
        await statement.Batch.PrepareAsync(cancellation);
        return _statements[shape] = statement;
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
        _lists.Add((Array.ConvertAll(rows, column), element));

    /// <summary>A column that may be null in every row: unnest fills a shorter array up with nulls.</summary>
    private void PutSome<TRow, T>(TRow[] rows, Converter<TRow, T?> column, NpgsqlDbType element)
        where T : class => PutAll(Array.Exists(rows, row => column(row) is not null) ? rows : [], column, element);

    private sealed class Statement
    {
        private readonly NpgsqlParameter<long> _sizeBefore = new();
        private readonly NpgsqlParameter<byte[]> _rootBefore = new();
        private readonly NpgsqlParameter<long> _fence = new();
        private readonly NpgsqlParameter<TimeSpan> _patience = new() { NpgsqlDbType = NpgsqlDbType.Interval };
        private readonly NpgsqlParameter<TimeSpan> _clockOffset = new() { NpgsqlDbType = NpgsqlDbType.Interval };
        private readonly NpgsqlParameter<long> _size = new();
        private readonly NpgsqlParameter<byte[]> _root = new();
        private readonly NpgsqlParameter<byte[]> _frontier = new();
        private readonly NpgsqlParameter<DateTime> _now = new() { NpgsqlDbType = NpgsqlDbType.TimestampTz };
        private readonly List<NpgsqlParameter> _lists = [];

        public Statement(NpgsqlConnection connection, bool endsTransaction, List<(Array Values, NpgsqlDbType Element)> lists)
        {
            var append = new NpgsqlBatchCommand();
            NpgsqlParameter[] head = [_sizeBefore, _rootBefore, _fence, _patience, _clockOffset, _size, _root, _frontier, _now];
            foreach (var parameter in head) append.Parameters.Add(parameter);
            var arguments = head.Select((_, i) => Place(i)).ToList();
            foreach (var (values, element) in lists)
            {
                if (values.Length == 0)
                {
                    arguments.Add("'{}'");
                    continue;
                }

                arguments.Add(Place(append.Parameters.Count));
                _lists.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | element, Value = values });
                append.Parameters.Add(_lists[^1]);
            }

            append.CommandText = $"select coffrefort.journal_append({string.Join(", ", arguments)})";
            Batch = new NpgsqlBatch(connection) { BatchCommands = { append } };
            if (endsTransaction) Batch.BatchCommands.Add(new NpgsqlBatchCommand("commit"));
        }

        public NpgsqlBatch Batch { get; }

        public void PutHead(AppendGroup group, TimeSpan patience, TimeSpan clockOffset)
        {
            (_sizeBefore.TypedValue, _rootBefore.TypedValue, _fence.TypedValue) = (group.SizeBefore, group.RootBefore, group.Fence);
            (_patience.TypedValue, _clockOffset.TypedValue) = (patience, clockOffset);
            (_size.TypedValue, _root.TypedValue, _frontier.TypedValue) = (group.Frontier.Size, group.Root, group.Frontier.ToBytes());
            _now.TypedValue = group.Now.UtcDateTime;
        }

        /// <summary>Those that aren't empty; the statement was made for lists of which the same ones are.</summary>
        public void PutLists(List<(Array Values, NpgsqlDbType Element)> lists)
        {
            var next = 0;
            foreach (var (values, _) in lists)
            {
                if (values.Length > 0) _lists[next++].Value = values;
            }
        }

        private static string Place(int index) => string.Create(CultureInfo.InvariantCulture, $"${index + 1}");
    }
}
