using CoffreFort.Server.Acts;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Audits;

/// <summary>The auditor's two questions about a vault: how things stood at an instant, and what happened in order. Never a document's content, nor its title.</summary>
public static class ReplayVault
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/audits/{id:guid}/state", State).RequireAuthorization(Policies.Auditor)
            .WithSummary("A vault as of an instant: who could read, who did").Produces<PastStateView>();
        api.MapGet("/audits/{id:guid}/timeline", Timeline).RequireAuthorization(Policies.Auditor)
            .WithSummary("What happened in a vault, in the journal's order").Produces<Paged<TimelineLine>>();
    }

    private static async Task<IResult> State(Guid id, Guid vault, DateTimeOffset? at, HttpContext http, VaultPast past, CancellationToken cancellation)
    {
        var (state, outcome) = await past.StateAsync(id, vault, at?.ToUniversalTime(), http.Actor(), cancellation);
        return await http.AnswerAsync(outcome, () => Task.FromResult(Results.Ok(state)));
    }

    private static async Task<IResult> Timeline(Guid id, Guid vault, long? after, int? limit, HttpContext http, VaultPast past, CancellationToken cancellation)
    {
        var count = Math.Clamp(limit ?? 100, 1, 500);
        var (lines, outcome) = await past.TimelineAsync(id, vault, after ?? 0, count + 1, http.Actor(), cancellation);
        return await http.AnswerAsync(outcome, () => Task.FromResult(Results.Ok(
            Paged.Of(lines!, count, last => FormattableString.Invariant($"/api/v1/audits/{id}/timeline?vault={vault}&after={last.Position}&limit={count}")))));
    }
}
