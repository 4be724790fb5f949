using CoffreFort.EventStore;
using CoffreFort.Server.Features.AccessRequests;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.Audits;

/// <summary>Which streams belong to a vault, so that its past can be folded without reading the whole journal.</summary>
public sealed class VaultStreams : Projection
{
    public override string Name => "vault_streams";

    protected override string Table => """
        create table if not exists vault_streams (
            stream uuid primary key,
            vault  uuid not null,
            kind   varchar(40) not null
        );
        create index if not exists vault_streams_vault on vault_streams (vault, kind, stream);
        """;

    protected override void Project(StoredEvent stored, SqlBatch sql)
    {
        if (Belonging(stored) is not var (vault, kind)) return;
        sql.Add($"insert into vault_streams (stream, vault, kind) values ({stored.StreamId}, {vault}, {kind})");
    }

    private static (Guid Vault, string Kind)? Belonging(StoredEvent stored) => stored.Body switch
    {
        VaultOpened => (stored.StreamId, Vault.StreamType),
        DocumentDeposited e => (e.Vault, Document.StreamType),
        AccessRequested e => (e.Vault, AccessRequest.StreamType),
        ConsentGranted e => (e.Vault, Consent.StreamType),
        MutationAnnounced e => (e.Vault, Mutation.StreamType),
        _ => null,
    };
}
