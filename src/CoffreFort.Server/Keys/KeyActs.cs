using System.Text.Json;
using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Operations;
using Npgsql;

namespace CoffreFort.Server.Keys;

/// <summary>
/// Acts on keys on their way into the journal, which is another database: each is written with its effect, in one transaction, and recorded after
/// that, once, however often that is tried. Safe for concurrent use.
/// </summary>
public sealed class KeyActs(KeyDatabase database, Journal journal)
{
    private static readonly Dictionary<string, Type> Kinds = new[] { typeof(KeyEpochRotated), typeof(KeyEpochDestroyed), typeof(VaultKeyRotated) }.ToDictionary(type => type.Name);

    /// <summary>Writes an act down beside its effect.</summary>
    public static async Task AddAsync(IEvent act, Actor actor, NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var insert = new NpgsqlCommand("insert into key_acts (id, kind, body, account) values ($1, $2, $3, $4)", connection)
        {
            Parameters =
            {
                new() { Value = Guid.CreateVersion7() }, new() { Value = act.GetType().Name }, new() { Value = JsonSerializer.Serialize(act, act.GetType()) },
                new() { Value = (object?)actor.Account ?? DBNull.Value },
            },
        };
        await insert.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Records what waits, in the order in which it was done.</summary>
    /// <exception cref="JournalUnavailableException">The journal can't be written now; what waits goes on waiting.</exception>
    public async Task RecordAsync(CancellationToken cancellation)
    {
        foreach (var (id, act, account) in await WaitingAsync(cancellation))
        {
            var actor = account is null ? Actor.Clockwork("keys") : Actor.CommandLine() with { Account = account };
            var session = journal.OpenSession(actor.Metadata(), $"key-act:{id:N}");
            session.Append<OperatorActs>(OperatorActs.Stream, act);
            await session.SaveChangesAsync(cancellation);
            await using var done = database.Source.CreateCommand("delete from key_acts where id = $1");
            done.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
            await done.ExecuteNonQueryAsync(cancellation);
        }
    }

    private async Task<List<(Guid Id, IEvent Act, string? Account)>> WaitingAsync(CancellationToken cancellation)
    {
        await using var command = database.Source.CreateCommand("select id, kind, body, account from key_acts order by created, id");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var waiting = new List<(Guid, IEvent, string?)>();
        while (await reader.ReadAsync(cancellation))
            waiting.Add((reader.GetGuid(0), (IEvent)JsonSerializer.Deserialize(reader.GetString(2), Kinds[reader.GetString(1)])!, reader.IsDBNull(3) ? null : reader.GetString(3)));
        return waiting;
    }
}
