using CoffreFort.EventStore;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>Lists requests, newest first. A pending one past its time is expired at that instant, whether or not that was recorded yet.</summary>
public sealed class AccessRequestFinder(ViewDatabase views, ReadPosition position, Journal journal)
{
    /// <param name="vault">Of one vault, or null.</param>
    /// <param name="agency">Of one agency, or null.</param>
    /// <param name="state">In one state, or null.</param>
    /// <param name="before">Older than this request, or null.</param>
    public async Task<IReadOnlyList<AccessRequestLine>> ListAsync(
        Guid? vault, Guid? agency, string? state, Guid? before, int limit, CancellationToken cancellation)
    {
        await position.ReachAsync(["access_request_list"], cancellation);
        var now = await journal.NowAsync(cancellation);
        return await views.QueryAsync(
            $"""
            select request, vault, agency, clerk, procedure, at_now.state, consent, asked_at, expires
            from coffrefort_views.access_request_list as list,
                lateral (select case when list.state = 'pending' and expires <= {now} then 'expired' else list.state end as state) as at_now
            where ({vault}::uuid is null or vault = {vault}) and ({agency}::uuid is null or agency = {agency})
              and ({state}::varchar is null or at_now.state = {state}) and ({before}::uuid is null or request < {before})
            order by request desc limit {limit}
            """,
            row => new AccessRequestLine(
                row.GetGuid(0), row.GetGuid(1), row.GetGuid(2), row.GetGuid(3), row.GetString(4), row.GetString(5),
                row.IsDBNull(6) ? null : row.GetGuid(6), row.GetFieldValue<DateTime>(7), row.GetFieldValue<DateTime>(8)),
            cancellation);
    }

    /// <summary>Requests whose time has passed and that nobody answered or recorded as expired.</summary>
    /// <param name="limit">So many at most, the longest overdue first.</param>
    /// <param name="except">But for these.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<IReadOnlyList<Guid>> OverdueAsync(int limit, IReadOnlyCollection<Guid> except, CancellationToken cancellation)
    {
        var now = await journal.NowAsync(cancellation);
        return await views.QueryAsync(
            $"""
            select request from coffrefort_views.access_request_list
            where state = 'pending' and expires <= {now} and request <> all({except.ToArray()}) order by expires limit {limit}
            """,
            row => row.GetGuid(0), cancellation);
    }
}

public sealed record AccessRequestLine(
    Guid Request, Guid Vault, Guid Agency, Guid Clerk, string Procedure, string State, Guid? Consent, DateTimeOffset AskedAt, DateTimeOffset Expires);
