using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Audits;

/// <summary>An auditor sees the audits that they opened.</summary>
public static class SeeAudits
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/audits", List).RequireAuthorization(Policies.Auditor).WithSummary("My audits").Produces<Paged<AuditView>>();
        api.MapGet("/audits/{id:guid}", Get).RequireAuthorization(Policies.Auditor).WithSummary("One audit").Produces<AuditView>();
    }

    private static async Task<IResult> List(Guid? after, int? limit, Person person, AuditReader audits, CancellationToken cancellation)
    {
        var count = Math.Clamp(limit ?? 50, 1, 200);
        var items = await audits.ListAsync(person, after, count + 1, cancellation);
        return Results.Ok(Paged.Of(items, count, last => $"/api/v1/audits?after={last.Id}&limit={count}"));
    }

    private static async Task<IResult> Get(Guid id, Person person, AuditReader audits, CancellationToken cancellation) =>
        await audits.FindAsync(id, person, cancellation) is { } view ? Results.Ok(view) : Problems.Result(Refusal.NotFound);
}
