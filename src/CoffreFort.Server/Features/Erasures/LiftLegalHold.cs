using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>A legal hold is no longer needed: what waited for its end is erased when it is due.</summary>
public sealed record LiftLegalHold(Guid? Document, Guid By)
{
    public static Decision Decide(Vault vault, LiftLegalHold command) => vault.Holds.Any(hold => hold.Document == command.Document)
        ? Decision.Of(new LegalHoldLifted(command.Document, command.By))
        : Refusal.NotFound;

    public static async Task<Outcome> Handle(Guid subject, Actor actor, ActRunner acts, Journal journal, CancellationToken cancellation) =>
        await PlaceLegalHold.VaultOfAsync(subject, journal, cancellation) is { } vault
            ? await acts.RunAsync<Vault>(actor, vault, (state, _) => Decide(state, new LiftLegalHold(subject == vault ? null : subject, actor.Person)), cancellation)
            : Refusal.NotFound;

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/legal-holds/{subject:guid}/lift", Post).RequireAuthorization(Policies.Operator)
        .WithSummary("End a legal hold before its time").Produces(StatusCodes.Status204NoContent);

    private static async Task<IResult> Post(Guid subject, HttpContext http, ActRunner acts, Journal journal, CancellationToken cancellation)
    {
        var outcome = await Handle(subject, http.Actor(), acts, journal, cancellation);
        return await http.AnswerAsync(outcome, () => Task.FromResult(Results.NoContent()));
    }
}
