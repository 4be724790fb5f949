using CoffreFort.EventStore;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Audits;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.Usage;

/// <summary>Who looked at what, under which consent, and why: every read, every refused attempt, every question of an auditor. One line each.</summary>
public sealed class UsageLog : Projection
{
    public override string Name => "usage_log";

    public override int Version => 2;

    /// <summary>Beside the lines: what they take from other streams, and the clerks' names, which a dismissal does not take away.</summary>
    protected override string Table => """
        create table if not exists usage_log (
            position      bigint primary key,
            event         uuid not null,
            at            timestamptz not null,
            vault         uuid not null,
            action        varchar(40) not null,
            outcome       varchar(10) not null,
            code          varchar(60),
            person        uuid not null,
            agency        uuid,
            procedure     varchar(100),
            reason        text,
            reason_owner  uuid,
            document      uuid,
            version       integer,
            evidence_type varchar(100),
            use           varchar(20),
            consent       uuid,
            recipient     varchar(64)
        );
        create index if not exists usage_log_vault on usage_log (vault, position desc);
        create table if not exists usage_subjects (
            stream    uuid primary key,
            vault     uuid,
            detail    varchar(100),
            person    uuid,
            reason    text
        );
        create table if not exists usage_clerks (
            agency uuid not null,
            clerk  uuid not null,
            name   text not null,
            primary key (agency, clerk)
        );
        """;

    protected override void Project(StoredEvent stored, SqlBatch sql)
    {
        Remember(stored, sql);
        Write(stored, sql);
    }

    private static void Remember(StoredEvent stored, SqlBatch sql)
    {
        switch (stored.Body)
        {
            case ClerkAppointed e:
                sql.Add($"""
                    insert into usage_clerks (agency, clerk, name) values ({stored.StreamId}, {e.Clerk}, {e.Name})
                    on conflict (agency, clerk) do update set name = excluded.name
                    """);
                break;
            case DocumentDeposited e:
                Subject(sql, stored, $"{e.Vault}::uuid, {e.EvidenceType}::varchar, null::uuid, null::text");
                break;
            case ConsentGranted e:
                Subject(sql, stored, $"{e.Vault}::uuid, {e.Procedure}::varchar, null::uuid, null::text");
                break;
            case AuditOpened e:
                Subject(sql, stored, $"null::uuid, null::varchar, {e.Auditor}::uuid, {e.Reason}::text");
                break;
        }
    }

    private static void Write(StoredEvent stored, SqlBatch sql)
    {
        switch (stored.Body)
        {
            case DocumentRead e:
                Line(sql, stored, $"""
                    'document-read', 'read', null, {e.Reader}::uuid, null::uuid, null, null, null::uuid, stream, {e.Version}::integer, detail, {e.Use}::varchar, null::uuid, vault, null
                    """);
                break;
            case EvidenceRead e:
                Line(sql, stored, $"""
                    'evidence-read', 'read', null, {e.Clerk}::uuid, {e.Agency}::uuid, detail, {e.Reason}::text, vault, {e.Document}::uuid, {e.Version}::integer,
                    {e.EvidenceType}::varchar, {e.Delivery}::varchar, stream, vault, {e.Recipient}::varchar
                    """);
                break;
            case EvidenceReadRefused e:
                Line(sql, stored, $"""
                    'evidence-read', 'refused', {e.Code}::varchar, {e.Clerk}::uuid, {e.Agency}::uuid, detail, {e.Reason}::text, vault, {e.Document}::uuid,
                    null::integer, null, null, stream, vault, null
                    """);
                break;
            case AuditQueried e:
                Line(sql, stored, $"""
                    'audit-queried', 'read', {e.Question}::varchar, person, null::uuid, null, reason, stream, null::uuid, null::integer, null, null, null::uuid, {e.Vault}::uuid, null
                    """);
                break;
        }
    }

    private static void Subject(SqlBatch sql, StoredEvent stored, FormattableString values)
    {
        FormattableString insert = $"insert into usage_subjects (stream, vault, detail, person, reason) select {stored.StreamId}::uuid, ";
        sql.AddParts(insert, values);
    }

    private static void Line(SqlBatch sql, StoredEvent stored, FormattableString values)
    {
        FormattableString insert = $"""
            insert into usage_log
                (position, event, at, action, outcome, code, person, agency, procedure, reason, reason_owner, document, version, evidence_type, use, consent, vault, recipient)
            select {stored.Position}::bigint, {stored.Id}::uuid, {stored.Timestamp}::timestamptz,
            """;
        FormattableString from = $" from usage_subjects where stream = {stored.StreamId}";
        sql.AddParts(insert, values, from);
    }
}
