using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Operations;
using Npgsql;

namespace CoffreFort.Server.Keys;

/// <summary>
/// Gives vaults a key of the next generation, and a key of their own for the personal texts of the future. Vault by vault, each whole or not at all: after a kill it
/// goes on with those whose key is older than the instant it was begun with. Document keys stay: each belongs to one ciphertext, and another one is another version.
/// </summary>
public sealed class VaultRotation(KeyDatabase database, VaultKeyReplacement replacement, KeyActs acts)
{
    private const int AtOnce = 500;

    // By vault, which has one key at a time: the new one of a vault that is done is passed over, whatever the two clocks say of when it was made.
    private const string PageSql = """
        select vault, generation from vault_keys where created < $1 and ($2::uuid is null or vault = $2) and vault > $3 order by vault limit $4
        """;

    private const string CountSql = "select count(*) from vault_keys where created < $1 and ($2::uuid is null or vault = $2)";

    /// <param name="vault">One vault; all when left out.</param>
    /// <param name="madeBefore">Only keys that were made before this instant.</param>
    /// <param name="reason">Why; recorded, nothing personal.</param>
    /// <param name="actor">Who has it done.</param>
    /// <param name="progress">Told how many are done, and of how many.</param>
    /// <param name="cancellation">Ends it between two vaults.</param>
    /// <returns>How many got another key.</returns>
    public async Task<long> RunAsync(Guid? vault, DateTimeOffset madeBefore, string reason, Actor actor, Action<long, long> progress, CancellationToken cancellation)
    {
        await acts.RecordAsync(cancellation);
        var (total, seen, rotated) = (await CountAsync(vault, madeBefore, cancellation), 0L, 0L);
        var after = Guid.Empty;
        while (await PageAsync(vault, madeBefore, after, cancellation) is { Count: > 0 } page)
        {
            foreach (var (one, generation) in page)
            {
                var taken = await replacement.ReplaceAsync(
                    one, generation, newSubject: true,
                    (connection, keys) => KeyActs.AddAsync(new VaultKeyRotated(one, generation + 1, keys, reason), actor, connection, cancellation), cancellation);
                if (taken is not null) rotated++;
                progress(++seen, total);
            }

            await acts.RecordAsync(cancellation);
            after = page[^1].Vault;
        }

        return rotated;
    }

    private async Task<long> CountAsync(Guid? vault, DateTimeOffset madeBefore, CancellationToken cancellation)
    {
        await using var command = Command(CountSql, madeBefore, vault);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private async Task<List<(Guid Vault, int Generation)>> PageAsync(Guid? vault, DateTimeOffset madeBefore, Guid after, CancellationToken cancellation)
    {
        await using var command = Command(PageSql, madeBefore, vault);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = AtOnce });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var page = new List<(Guid, int)>();
        while (await reader.ReadAsync(cancellation)) page.Add((reader.GetGuid(0), reader.GetInt32(1)));
        return page;
    }

    private NpgsqlCommand Command(string sql, DateTimeOffset madeBefore, Guid? vault)
    {
        var command = database.Source.CreateCommand(sql);
        command.Parameters.Add(new() { Value = madeBefore.UtcDateTime });
        command.Parameters.Add(new() { Value = (object?)vault ?? DBNull.Value });
        return command;
    }
}
