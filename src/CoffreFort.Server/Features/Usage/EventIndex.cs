using CoffreFort.EventStore;
using CoffreFort.Server.Features.AccessRequests;
using CoffreFort.Server.Features.Audits;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Receipts;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.Usage;

/// <summary>Where each event stands and whose vault it concerns, to find one by its id. The journal has no index for that.</summary>
public sealed class EventIndex : Projection
{
    public override string Name => "event_index";

    protected override string Table => """
        create table if not exists event_index (
            event    uuid primary key,
            position bigint not null,
            stream   uuid not null,
            vault    uuid
        );
        create index if not exists event_index_first on event_index (stream, position);
        """;

    /// <summary>An event that names no vault concerns the one that its stream's first event named.</summary>
    protected override void Project(StoredEvent stored, SqlBatch sql) => sql.Add($"""
        insert into event_index (event, position, stream, vault)
        values ({stored.Id}, {stored.Position}, {stored.StreamId}, coalesce({VaultOf(stored)}::uuid,
            (select vault from event_index where stream = {stored.StreamId} order by position limit 1)))
        """);

    private static Guid? VaultOf(StoredEvent stored) => stored.Body switch
    {
        VaultOpened => stored.StreamId,
        DocumentDeposited e => e.Vault,
        AccessRequested e => e.Vault,
        ConsentGranted e => e.Vault,
        MutationAnnounced e => e.Vault,
        AuditQueried e => e.Vault,
        ReceiptIssued e => e.Vault,
        _ => null,
    };
}
