using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>A person no longer acts for an agency: a read under way that has not been recorded yet is refused.</summary>
public sealed record DismissClerk(Guid Clerk)
{
    public static Decision Decide(Agency agency, DismissClerk command) =>
        agency.Kind.Length == 0 ? Refusal.NotFound
        : agency.Employs(command.Clerk) ? Decision.Of(new ClerkDismissed(command.Clerk))
        : Decision.Nothing;

    public static Task<Outcome> Handle(Guid agency, DismissClerk command, Actor actor, ActRunner acts, CancellationToken cancellation) =>
        acts.RunAsync<Agency>(actor, agency, (state, _) => Decide(state, command), cancellation);

    public static void Map(IEndpointRouteBuilder api) => api.MapDelete("/agencies/{id:guid}/clerks/{clerk:guid}", Delete)
        .RequireAuthorization(Policies.Operator).WithSummary("Dismiss a clerk").Produces<AgencyView>();

    private static async Task<IResult> Delete(Guid id, Guid clerk, HttpContext http, ActRunner acts, Journal journal, CancellationToken cancellation)
    {
        var outcome = await Handle(id, new DismissClerk(clerk), http.Actor(), acts, cancellation);
        return await http.AnswerAsync(outcome, () => SeeAgencies.AnswerAsync(http, id, journal, cancellation));
    }
}
