using CoffreFort.EventStore;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.Documents;

/// <summary>The documents of each vault at each of their versions: what lists show, and what a procedure's requirements are held against.</summary>
public sealed class DocumentList : Projection
{
    public const string View = "document_list";

    public override string Name => View;

    public override int Version => 3;

    protected override string Table => """
        create table if not exists document_list (
            document      uuid not null,
            version       integer not null,
            vault         uuid not null,
            evidence_type varchar(100) not null,
            title         text not null,
            file_name     text not null,
            size          bigint not null,
            media_type    varchar(100) not null,
            blob          varchar(64) not null unique,
            deposited_at  timestamptz not null,
            event         uuid not null,
            issued_on     date,
            expires_on    date,
            period        varchar(20),
            is_latest     boolean not null,
            erasing_since timestamptz,
            signature     text,
            primary key (document, version)
        );
        create index if not exists document_list_vault on document_list (vault, document);
        """;

    protected override void Project(StoredEvent stored, SqlBatch sql)
    {
        switch (stored.Body)
        {
            // sample: project
            case DocumentDeposited e:
                Insert(sql, stored, 1, e.Content, e.Dates, $"select {e.Vault}::uuid, {e.EvidenceType}::varchar, {e.Title}::text");
                break;
            // end-sample
            case VersionDeposited e:
                sql.Add($"update document_list set is_latest = false where document = {stored.StreamId}");
                Insert(sql, stored, e.Number, e.Content, e.Dates, $"""
                    select vault, evidence_type, title from document_list where document = {stored.StreamId} and version = 1
                    """);
                break;
            case DocumentDescribed e:
                sql.Add($"update document_list set title = {e.Title} where document = {stored.StreamId}");
                sql.Add($"""
                    update document_list
                    set issued_on = {e.Dates.IssuedOn}, expires_on = {e.Dates.ExpiresOn}, period = {e.Dates.Period}
                    where document = {stored.StreamId} and is_latest
                    """);
                break;
            case DocumentErasureRequested:
                sql.Add($"update document_list set erasing_since = {stored.Timestamp} where document = {stored.StreamId}");
                break;
            case DocumentErasureCancelled:
                sql.Add($"update document_list set erasing_since = null where document = {stored.StreamId}");
                break;
            case DocumentErased:
                sql.Add($"delete from document_list where document = {stored.StreamId}");
                break;
        }
    }

    private static void Insert(SqlBatch sql, StoredEvent stored, int version, StoredContent content, StatedDates dates, FormattableString described)
    {
        var from = System.Runtime.CompilerServices.FormattableStringFactory.Create(
            """
            insert into document_list
                (vault, evidence_type, title, document, version, file_name, size, media_type, blob, deposited_at, event, issued_on, expires_on, period, signature, is_latest)
            select described.*, {0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}, {8}::date, {9}::date, {10}::varchar, {11}::text, true from (
            """,
            stored.StreamId, version, content.FileName, content.Size, content.MediaType, content.Blob.ToString(), stored.Timestamp, stored.Id,
            dates.IssuedOn, dates.ExpiresOn, dates.Period, content.Signature?.ToRow());
        sql.AddParts(from, described, $") as described (vault, evidence_type, title)");
    }
}
