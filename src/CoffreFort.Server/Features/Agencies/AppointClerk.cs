using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>A person acts for an agency from now on. Dismissing them ends it at once: every read looks at the agency's stream.</summary>
public sealed record AppointClerk(Guid Clerk, Personal Name)
{
    public static Decision Decide(Agency agency, AppointClerk command) =>
        agency.Kind.Length == 0 ? Refusal.NotFound
        : agency.Employs(command.Clerk) ? Decision.Nothing
        : Decision.Of(new ClerkAppointed(command.Clerk, command.Name));

    public static Task<Outcome> Handle(
        Guid agency, Guid clerk, string name, Actor actor, ActRunner acts, RequestKeys keys, CancellationToken cancellation)
    {
        var clean = FileNames.CleanTitle(name);
        if (clerk == Guid.Empty || clean.Length is 0 or > 200) return Task.FromResult<Outcome>(BadClerk);
        return acts.RunAsync(actor, async session =>
        {
            var stream = await session.FetchForWriting<Agency>(agency, cancellation);
            if (!stream.Exists) return Refusal.NotFound;
            var sealedName = await keys.SealAsync(agency, clean, cancellation);
            return session.Take(stream, Decide(stream.State, new AppointClerk(clerk, sealedName!)), actor);
        }, cancellation);
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/agencies/{id:guid}/clerks", Post).RequireAuthorization(Policies.Operator)
        .WithSummary("Appoint a clerk").Produces<AgencyView>();

    private static async Task<IResult> Post(
        Guid id, NewClerk body, HttpContext http, ActRunner acts, RequestKeys keys, Journal journal, CancellationToken cancellation)
    {
        var outcome = await Handle(id, body.Clerk, body.Name, http.Actor(), acts, keys, cancellation);
        return await http.AnswerAsync(outcome, () => SeeAgencies.AnswerAsync(http, id, journal, cancellation));
    }

    private static Refusal BadClerk { get; } = new("clerk-name", "Un agent a un identifiant et un nom de 200 caractères au plus. Rien n'a été enregistré.", 422);
}

/// <param name="Clerk">The person's id, as signing in gives it.</param>
public sealed record NewClerk(Guid Clerk, string Name);
