using CoffreFort.EventStore;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>Which agencies there are, who acts for them, and what they may ask for.</summary>
public sealed class AgencyDirectory : Projection
{
    public override string Name => "agency_directory";

    protected override string Table => """
        create table if not exists agency_directory (
            agency    uuid primary key,
            name      varchar(200) not null,
            kind      varchar(40) not null,
            site_code varchar(40),
            garrison  varchar(200)
        );
        create table if not exists agency_clerks (
            agency       uuid not null,
            clerk        uuid not null,
            name         text not null,
            appointed_at bigint not null,
            primary key (agency, clerk)
        );
        create index if not exists agency_clerks_clerk on agency_clerks (clerk);
        create table if not exists agency_habilitations (
            agency         uuid not null,
            procedure      varchar(100) not null,
            evidence_types varchar(100)[] not null,
            until          timestamptz,
            primary key (agency, procedure)
        );
        """;

    protected override void Project(StoredEvent stored, SqlBatch sql)
    {
        var agency = stored.StreamId;
        switch (stored.Body)
        {
            case AgencyRegistered e:
                sql.Add($"""
                    insert into agency_directory (agency, name, kind, site_code, garrison)
                    values ({agency}, {e.Name}, {e.Kind}, {e.SiteCode}, {e.Garrison})
                    """);
                break;
            case ClerkAppointed e:
                sql.Add($"""
                    insert into agency_clerks (agency, clerk, name, appointed_at)
                    values ({agency}, {e.Clerk}, {e.Name}, {stored.Position})
                    on conflict (agency, clerk) do update set name = excluded.name, appointed_at = excluded.appointed_at
                    """);
                break;
            case ClerkDismissed e:
                sql.Add($"delete from agency_clerks where agency = {agency} and clerk = {e.Clerk}");
                break;
            case ProcedureDeclared e:
                sql.Add($"""
                    insert into agency_habilitations (agency, procedure, evidence_types, until)
                    values ({agency}, {e.Procedure}, {e.EvidenceTypes.ToArray()}, {e.Until})
                    on conflict (agency, procedure) do update set evidence_types = excluded.evidence_types, until = excluded.until
                    """);
                break;
            case ProcedureWithdrawn e:
                sql.Add($"delete from agency_habilitations where agency = {agency} and procedure = {e.Procedure}");
                break;
        }
    }
}
