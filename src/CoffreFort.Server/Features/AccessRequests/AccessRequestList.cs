using CoffreFort.EventStore;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>Who asked whom under which procedure, what became of it, and which consents might make asking again needless.</summary>
public sealed class AccessRequestList : Projection
{
    public override string Name => "access_request_list";

    protected override string Table => """
        create table if not exists access_request_list (
            request   uuid primary key,
            vault     uuid not null,
            agency    uuid not null,
            clerk     uuid not null,
            procedure varchar(100) not null,
            state     varchar(20) not null,
            consent   uuid,
            asked_at  timestamptz not null,
            expires   timestamptz not null
        );
        create index if not exists access_request_list_vault on access_request_list (vault, request);
        create index if not exists access_request_list_agency on access_request_list (agency, request);
        create index if not exists access_request_list_pending on access_request_list (expires) where state = 'pending';
        create table if not exists access_request_consents (
            consent   uuid primary key,
            vault     uuid not null,
            grantee   uuid not null,
            procedure varchar(100) not null
        );
        create index if not exists access_request_consents_grantee on access_request_consents (vault, grantee, procedure);
        """;

    protected override void Project(StoredEvent stored, SqlBatch sql)
    {
        switch (stored.Body)
        {
            case AccessRequested e:
                sql.Add($"""
                    insert into access_request_list (request, vault, agency, clerk, procedure, state, asked_at, expires)
                    values ({stored.StreamId}, {e.Vault}, {e.Agency}, {e.Clerk}, {e.Procedure}, 'pending', {stored.Timestamp}, {e.Expires})
                    """);
                break;
            case AccessRequestResolved e: Answered("resolved", e.Consent); break;
            case AccessApproved e: Answered("approved", e.Consent); break;
            case AccessRefused: Answered("refused", null); break;
            case AccessRequestWithdrawn: Answered("withdrawn", null); break;
            case AccessRequestExpired: Answered("expired", null); break;
            case ConsentGranted e:
                sql.Add($"insert into access_request_consents values ({stored.StreamId}, {e.Vault}, {e.Grantee}, {e.Procedure})");
                break;
        }

        void Answered(string state, Guid? consent) =>
            sql.Add($"update access_request_list set state = {state}, consent = {consent} where request = {stored.StreamId}");
    }
}
