using System.Text;
using CoffreFort.EventStore;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.Consents;

/// <summary>The consents of each vault and of each agency, with how often each was used.</summary>
public sealed class ConsentList : Projection
{
    public override string Name => "consent_list";

    public override int Version => 2;

    /// <summary>What was granted stands as the event says it, behind its stored type, which tells its shape; the columns beside it only find and count.</summary>
    protected override string Table => """
        create table if not exists consent_list (
            consent    uuid primary key,
            vault      uuid not null,
            grantee    uuid not null,
            until      timestamptz not null,
            uses       integer,
            used       integer not null default 0,
            granted    text not null,
            granted_at timestamptz not null,
            event      uuid not null,
            revoked    text,
            revoked_at timestamptz,
            last_read  timestamptz
        );
        create index if not exists consent_list_vault on consent_list (vault, consent);
        create index if not exists consent_list_grantee on consent_list (grantee, consent) where revoked is null;
        """;

    protected override void Project(StoredEvent stored, SqlBatch sql)
    {
        switch (stored.Body)
        {
            case ConsentGranted e:
                sql.Add($"""
                    insert into consent_list (consent, vault, grantee, until, uses, granted, granted_at, event)
                    values ({stored.StreamId}, {e.Vault}, {e.Grantee}, {e.Until}, {e.Uses}::integer, {Text(stored)}, {stored.Timestamp}, {stored.Id})
                    """);
                break;
            case EvidenceRead:
                sql.Add($"update consent_list set used = used + 1, last_read = {stored.Timestamp} where consent = {stored.StreamId}");
                break;
            case ConsentRevoked:
                sql.Add($"update consent_list set revoked = {Text(stored)}, revoked_at = {stored.Timestamp} where consent = {stored.StreamId}");
                break;
        }
    }

    private static string Text(StoredEvent stored) => $"{stored.Type} {Encoding.UTF8.GetString(stored.Data.Span)}";
}
