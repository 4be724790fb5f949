using CoffreFort.EventStore;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Views;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Audits;

/// <summary>Which audits each auditor opened.</summary>
public sealed class AuditList : Projection
{
    public override string Name => "audit_list";

    protected override string Table => """
        create table if not exists audit_list (
            audit   uuid primary key,
            auditor uuid not null
        );
        create index if not exists audit_list_auditor on audit_list (auditor);
        """;

    protected override void Project(StoredEvent stored, SqlBatch sql)
    {
        if (stored.Body is AuditOpened e) sql.Add($"insert into audit_list (audit, auditor) values ({stored.StreamId}, {e.Auditor})");
    }
}

/// <summary>Reads audits, for the auditor who opened them.</summary>
public sealed class AuditReader(Journal journal, ViewDatabase views, ReadPosition position, RequestKeys keys)
{
    /// <returns>Null when it is unknown, or another auditor's.</returns>
    public async Task<AuditView?> FindAsync(Guid id, Person auditor, CancellationToken cancellation)
    {
        var events = await journal.FetchStreamAsync(id, cancellation: cancellation);
        if (events is not [{ Body: AuditOpened opened }, ..] || opened.Auditor != auditor.Id) return null;
        var ended = await journal.NowAsync(cancellation) >= opened.Until;
        return new AuditView(
            id, ended ? "ended" : "open", await keys.RevealAsync(id, opened.Reason, cancellation), opened.Vaults, events[0].Timestamp, opened.Until, events.Count - 1);
    }

    /// <summary>The latest first, before the one named.</summary>
    public async Task<IReadOnlyList<AuditView>> ListAsync(Person auditor, Guid? before, int limit, CancellationToken cancellation)
    {
        await position.ReachAsync(["audit_list"], cancellation);
        var ids = await views.QueryAsync(
            $"""
            select audit from coffrefort_views.audit_list
            where auditor = {auditor.Id} and ({before}::uuid is null or audit < {before}) order by audit desc limit {limit}
            """,
            row => row.GetGuid(0), cancellation);
        var audits = new List<AuditView>();
        foreach (var id in ids)
            if (await FindAsync(id, auditor, cancellation) is { } view) audits.Add(view);
        return audits;
    }
}

/// <param name="State"><c>open</c> or <c>ended</c>.</param>
/// <param name="Vaults">Empty for all.</param>
/// <param name="Queries">How many questions were asked: each stands in the journal.</param>
public sealed record AuditView(Guid Id, string State, string? Reason, IReadOnlyList<Guid> Vaults, DateTimeOffset OpenedAt, DateTimeOffset Until, int Queries);
