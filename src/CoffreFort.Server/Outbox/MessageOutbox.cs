using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.Server.Outbox;

/// <summary>Messages to the outside, written in the transaction of what they tell of (docs/architecture.md, "The outbox"). Safe for concurrent use.</summary>
public sealed class MessageOutbox(NpgsqlDataSource database)
{
    private const string TakeSql = """
        select id, destination, type, body, attempts from coffrefort.outbox
        where state = 'waiting' and due <= clock_timestamp() and destination = any($1) order by due limit 1 for update skip locked
        """;

    private const string EndSql = """
        update coffrefort.outbox set state = $2, attempts = attempts + 1, problem = $3, due = clock_timestamp() + $4,
            ended = case when $2 = 'waiting' then null else clock_timestamp() end
        where id = $1
        """;

    /// <summary>Writes a message in the open transaction of <paramref name="connection"/>; one with the same id is not written twice.</summary>
    public static async Task AddAsync(OutboxMessage message, NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "insert into coffrefort.outbox (id, destination, type, body) values ($1, $2, $3, $4) on conflict do nothing", connection)
        {
            Parameters = { Value(message.Id), Value(message.Destination), Value(message.Type), Value(message.Body) },
        };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The same in a transaction of its own.</summary>
    public async Task AddAsync(OutboxMessage message, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await AddAsync(message, connection, cancellation);
    }

    /// <summary>
    /// Tries the message that is due first and that nobody else is trying. It stays locked until its outcome is written down; whoever dies in between leaves it as
    /// it was, and it is sent again under the same id.
    /// </summary>
    /// <returns>False when none is due.</returns>
    public async Task<bool> TryNextAsync(IReadOnlyDictionary<string, IMessageSender> senders, OutboxOptions options, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await HoldNoLongerThanAsync(connection, options.Timeout * 4, cancellation);
        if (await TakeAsync(connection, [.. senders.Keys], cancellation) is not var (message, attempts)) return false;
        Delivery delivery;
        try
        {
            delivery = await senders[message.Destination].SendAsync(message, cancellation);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            delivery = new Delivery(failure.GetType().Name);
        }

        var state = delivery.Problem is null ? "sent" : delivery.Gone || attempts + 1 >= options.MostAttempts ? "dead" : "waiting";
        var pause = Backoff.Pause(attempts + 1, options.FirstPause, delivery.RetryAfter, Random.Shared.NextDouble());
        await using var end = new NpgsqlCommand(EndSql, connection)
        {
            Parameters = { Value(message.Id), Value(state), Value((object?)delivery.Problem ?? DBNull.Value), Value(pause) },
        };
        await end.ExecuteNonQueryAsync(CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        return true;
    }

    /// <exception cref="JournalUnavailableException">The database can't be asked.</exception>
    public async Task<OutboxState> StateAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("""
            select count(*) filter (where state = 'waiting'), coalesce(clock_timestamp() - min(created) filter (where state = 'waiting'), interval '0'),
                count(*) filter (where state = 'dead')
            from coffrefort.outbox where state <> 'sent'
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new OutboxState(reader.GetInt64(0), reader.GetTimeSpan(1), reader.GetInt64(2));
    }

    /// <summary>The latest messages that were given up.</summary>
    public async Task<IReadOnlyList<DeadMessage>> DeadAsync(int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "select id, destination, type, attempts, problem, ended from coffrefort.outbox where state = 'dead' order by ended desc limit $1");
        command.Parameters.Add(Value(limit));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var dead = new List<DeadMessage>();
        while (await reader.ReadAsync(cancellation))
        {
            dead.Add(new DeadMessage(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3), reader.IsDBNull(4) ? null : reader.GetString(4),
                new DateTimeOffset(reader.GetFieldValue<DateTime>(5))));
        }

        return dead;
    }

    /// <summary>Has a message sent again that was given up.</summary>
    /// <param name="id">The message.</param>
    /// <param name="record">Writes the decision down, given the destination; when it throws, nothing is decided.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>False when no such message was given up.</returns>
    public async Task<bool> ResendAsync(Guid id, Func<string, Task> record, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var again = new NpgsqlCommand("""
            update coffrefort.outbox set state = 'waiting', attempts = 0, due = clock_timestamp(), ended = null
            where id = $1 and state = 'dead' returning destination
            """, connection)
        {
            Parameters = { Value(id) },
        };
        if (await again.ExecuteScalarAsync(cancellation) is not string destination) return false;
        await record(destination);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>Forgets what was sent long ago.</summary>
    public async Task SweepAsync(TimeSpan keep, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("delete from coffrefort.outbox where state = 'sent' and ended < clock_timestamp() - $1");
        command.Parameters.Add(Value(keep));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>A node that hangs while it sends must not keep the message: PostgreSQL takes it back, and another node sends it under the same id.</summary>
    private static async Task HoldNoLongerThanAsync(NpgsqlConnection connection, TimeSpan atMost, CancellationToken cancellation)
    {
        await using var limit = new NpgsqlCommand("select set_config('idle_in_transaction_session_timeout', $1, true)", connection)
        {
            Parameters = { Value(((long)Math.Ceiling(atMost.TotalMilliseconds)).ToString(System.Globalization.CultureInfo.InvariantCulture)) },
        };
        await limit.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<(OutboxMessage Message, int Attempts)?> TakeAsync(NpgsqlConnection connection, string[] destinations, CancellationToken cancellation)
    {
        await using var take = new NpgsqlCommand(TakeSql, connection) { Parameters = { Value(destinations) } };
        await using var reader = await take.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? (new OutboxMessage(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)), reader.GetInt32(4))
            : null;
    }

    private static NpgsqlParameter Value(object value) => new() { Value = value };
}
