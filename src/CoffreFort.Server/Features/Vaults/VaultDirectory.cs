using CoffreFort.EventStore;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.Vaults;

/// <summary>Which vault is whose, and at which address.</summary>
public sealed class VaultDirectory : Projection
{
    public override string Name => "vault_directory";

    public override int Version => 2;

    protected override string Table => """
        create table if not exists vault_directory (
            vault       uuid primary key,
            holder      uuid not null,
            address     varchar(40) not null unique,
            holder_name text not null,
            space       uuid,
            erased      boolean not null default false
        );
        create unique index if not exists vault_directory_holder on vault_directory (holder) where not erased;
        """;

    protected override void Project(StoredEvent stored, SqlBatch sql)
    {
        switch (stored.Body)
        {
            case VaultOpened e:
                sql.Add($"""
                    insert into vault_directory (vault, holder, address, holder_name)
                    values ({stored.StreamId}, {e.Holder}, {e.Address}, {e.HolderName})
                    """);
                break;
            case VaultErased:
                sql.Add($"update vault_directory set erased = true, space = null where vault = {stored.StreamId}");
                break;
            case SpaceAssigned e:
                sql.Add($"update vault_directory set space = {e.Space} where vault = {stored.StreamId}");
                break;
        }
    }
}

/// <summary>Finds vaults. What a decision rests on is read from the vault's stream, not from here.</summary>
public sealed class VaultFinder(ViewDatabase views, ReadPosition position)
{
    /// <summary>The vault that a person has now; those they had erased are no longer theirs to use.</summary>
    public async Task<VaultEntry?> OfHolderAsync(Guid holder, CancellationToken cancellation)
    {
        await position.ReachAsync(["vault_directory"], cancellation);
        return await FindAsync($"select vault, holder, address, holder_name, space, erased from coffrefort_views.vault_directory where holder = {holder} and not erased", cancellation);
    }

    public async Task<VaultEntry?> FindAsync(Guid vault, CancellationToken cancellation)
    {
        await position.ReachAsync(["vault_directory"], cancellation);
        return await FindAsync($"select vault, holder, address, holder_name, space, erased from coffrefort_views.vault_directory where vault = {vault}", cancellation);
    }

    /// <summary>By what a person types: the address in any case, with or without its hyphens, or the vault's id.</summary>
    public async Task<VaultEntry?> ByAddressAsync(string address, CancellationToken cancellation)
    {
        if (Guid.TryParse(address, out var id)) return await FindAsync(id, cancellation) is { IsErased: false } named ? named : null;
        var letters = new string([.. address.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit)]);
        if (letters.Length != 14) return null;
        var written = $"{letters[..2]}-{letters[2..6]}-{letters[6..10]}-{letters[10..]}";
        await position.ReachAsync(["vault_directory"], cancellation);
        return await FindAsync($"select vault, holder, address, holder_name, space, erased from coffrefort_views.vault_directory where address = {written} and not erased", cancellation);
    }

    private Task<VaultEntry?> FindAsync(FormattableString query, CancellationToken cancellation) =>
        views.FindAsync(query, Row, cancellation);

    private static VaultEntry Row(Npgsql.NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.GetString(2), Personal.FromToken(row.GetString(3)), row.IsDBNull(4) ? null : row.GetGuid(4), row.GetBoolean(5));
}

/// <param name="IsErased">The holder had it erased: they may still ask who looked, and nothing else is there.</param>
public sealed record VaultEntry(Guid Vault, Guid Holder, string Address, Personal HolderName, Guid? Space, bool IsErased = false);
