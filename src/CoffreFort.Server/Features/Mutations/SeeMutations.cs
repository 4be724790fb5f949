using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>Each party sees its mutations: the holder their own, the personnel service all, a space its arrivals and departures, and no document.</summary>
public static class SeeMutations
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/mutations", List).RequireAuthorization(Policies.MutationParties).WithSummary("My mutations, those I announced, or my space's").Produces<Paged<MutationView>>();
        api.MapGet("/mutations/{id:guid}", (Guid id, HttpContext http, MutationReader mutations, CancellationToken cancellation) =>
                mutations.AnswerAsync(http, id, created: false, cancellation))
            .RequireAuthorization(Policies.MutationParties).WithSummary("One mutation").Produces<MutationView>();
    }

    private static async Task<IResult> List(Guid? after, int? limit, Person person, MutationReader mutations, CancellationToken cancellation)
    {
        var count = Math.Clamp(limit ?? 50, 1, 200);
        var items = await mutations.ListAsync(person, after, count + 1, cancellation);
        return Results.Ok(Paged.Of(items, count, last => $"/api/v1/mutations?after={last.Id}&limit={count}"));
    }
}
