using CoffreFort.Server.Acts;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>The person who is asked sees exactly what would be shown; the agency sees where its request stands.</summary>
public static class SeeAccessRequest
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/access-requests/{id:guid}", Get).RequireAuthorization(Policies.SignedIn)
        .WithSummary("One access request, with what would be shown").Produces<AccessRequestView>();

    private static async Task<IResult> Get(Guid id, HttpContext http, Person person, AccessRequestReader requests, CancellationToken cancellation) =>
        await requests.FindAsync(id, person.Id, cancellation) is { } view ? http.Versioned(view, view.StreamVersion) : Problems.Result(Refusal.NotFound);
}
