using CoffreFort.EventStore;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>What is to be erased and when, what is being erased, and what was; and which consents name which document.</summary>
public sealed class ErasureList : Projection
{
    public const string View = "erasure_list";

    public override string Name => View;

    protected override string Table => """
        create table if not exists erasure_list (
            subject      uuid primary key,
            kind         varchar(10) not null,
            state        varchar(10) not null,
            due          timestamptz not null,
            requested_at timestamptz not null
        );
        create index if not exists erasure_list_due on erasure_list (due) where state <> 'destroyed';
        create table if not exists erasure_holds (
            vault    uuid not null,
            document uuid not null,
            until    timestamptz not null,
            primary key (vault, document)
        );
        create table if not exists erasure_pieces (
            document uuid not null,
            consent  uuid not null,
            primary key (document, consent)
        );
        """;

    protected override void Project(StoredEvent stored, SqlBatch sql)
    {
        switch (stored.Body)
        {
            case DocumentErasureRequested e: Request(sql, stored, Document.StreamType, e.Due); break;
            case VaultErasureRequested e: Request(sql, stored, Vault.StreamType, e.Due); break;
            case DocumentErasureCancelled or VaultErasureCancelled:
                sql.Add($"delete from erasure_list where subject = {stored.StreamId}");
                break;
            case DocumentErased: Erase(sql, stored, Document.StreamType); break;
            case VaultErased: Erase(sql, stored, Vault.StreamType); break;
            case KeyDestroyed or VaultKeysDestroyed:
                sql.Add($"update erasure_list set state = 'destroyed' where subject = {stored.StreamId}");
                break;
            case LegalHoldPlaced e:
                sql.Add($"""
                    insert into erasure_holds (vault, document, until) values ({stored.StreamId}, {e.Document ?? Guid.Empty}, {e.Until})
                    on conflict (vault, document) do update set until = excluded.until
                    """);
                break;
            case LegalHoldLifted e:
                sql.Add($"delete from erasure_holds where vault = {stored.StreamId} and document = {e.Document ?? Guid.Empty}");
                break;
            case ConsentGranted e:
                foreach (var document in e.Pieces.Select(piece => piece.Document).Distinct())
                    sql.Add($"insert into erasure_pieces (document, consent) values ({document}, {stored.StreamId})");
                break;
        }
    }

    private static void Request(SqlBatch sql, StoredEvent stored, string kind, DateTimeOffset due) => sql.Add($"""
        insert into erasure_list (subject, kind, state, due, requested_at) values ({stored.StreamId}, {kind}, 'pending', {due}, {stored.Timestamp})
        on conflict (subject) do update set due = excluded.due
        """);

    private static void Erase(SqlBatch sql, StoredEvent stored, string kind) => sql.Add($"""
        insert into erasure_list (subject, kind, state, due, requested_at) values ({stored.StreamId}, {kind}, 'erased', {stored.Timestamp}, {stored.Timestamp})
        on conflict (subject) do update set state = 'erased'
        """);
}

/// <summary>Finds erasures. What a decision rests on is read from the streams, not from here.</summary>
public sealed class ErasureFinder(ViewDatabase views)
{
    /// <summary>Those whose time has come and that no legal hold puts off, and those that were begun and not ended; but for the ones passed over.</summary>
    public Task<IReadOnlyList<ErasureEntry>> DueAsync(DateTimeOffset now, IReadOnlyCollection<Guid> passedOver, int limit, CancellationToken cancellation) => views.QueryAsync(
        $"""
        select subject, kind from coffrefort_views.erasure_list l
        where not (subject = any({passedOver.ToArray()})) and (state = 'erased' or (state = 'pending' and due <= {now} and not exists (
            select from coffrefort_views.erasure_holds h where h.until > {now}
            and ((l.kind = 'vault' and h.vault = l.subject) or (l.kind = 'document' and (h.document = l.subject
                or (h.document = {Guid.Empty} and h.vault = (select s.vault from coffrefort_views.vault_streams s where s.stream = l.subject))))))))
        order by due limit {limit}
        """,
        Row, cancellation);

    /// <summary>Those that came to their end, after the one named.</summary>
    public Task<IReadOnlyList<ErasureEntry>> DestroyedAsync(Guid after, int limit, CancellationToken cancellation) => views.QueryAsync(
        $"select subject, kind from coffrefort_views.erasure_list where state = 'destroyed' and subject > {after} order by subject limit {limit}", Row, cancellation);

    private static ErasureEntry Row(Npgsql.NpgsqlDataReader row) => new(row.GetGuid(0), row.GetString(1) == Vault.StreamType);
}

/// <param name="IsVault">A vault; else a document.</param>
public sealed record ErasureEntry(Guid Subject, bool IsVault);
