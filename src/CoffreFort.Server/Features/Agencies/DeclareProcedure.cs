using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>An agency's habilitation: for one procedure, these evidence types and no others, until an instant. Declaring again replaces it.</summary>
/// <param name="EvidenceTypes">Among those that the procedure's requirement names; all of them when not given.</param>
public sealed record DeclareProcedure(string Procedure, IReadOnlyList<string>? EvidenceTypes = null, DateTimeOffset? Until = null)
{
    /// <param name="agency">Who gets it.</param>
    /// <param name="procedure">The catalogue's procedure of that code, or null.</param>
    /// <param name="command">What is declared.</param>
    public static Decision Decide(Agency agency, Procedure? procedure, DeclareProcedure command)
    {
        if (agency.Kind.Length == 0) return Refusal.NotFound;
        if (procedure is null) return UnknownProcedure;
        var asked = AskedTypes.Of(procedure.Requirement);
        var types = command.EvidenceTypes ?? asked;
        if (types.Count == 0 || types.Except(asked).Any()) return NotAsked;
        var same = agency.Habilitations.TryGetValue(command.Procedure, out var right) && right.Until == command.Until && right.EvidenceTypes.SequenceEqual(types);
        return same ? Decision.Nothing : Decision.Of(new ProcedureDeclared(command.Procedure, types, command.Until));
    }

    public static Task<Outcome> Handle(
        Guid agency, DeclareProcedure command, Actor actor, ActRunner acts, EvidenceCatalogue catalogue, CancellationToken cancellation) =>
        acts.RunAsync<Agency>(actor, agency, (state, _) => Decide(state, catalogue.FindProcedure(command.Procedure), command), cancellation);

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/agencies/{id:guid}/procedures", Post).RequireAuthorization(Policies.Operator)
        .WithSummary("Declare a habilitation").Produces<AgencyView>();

    private static async Task<IResult> Post(
        Guid id, DeclareProcedure body, HttpContext http, ActRunner acts, EvidenceCatalogue catalogue, Journal journal, CancellationToken cancellation)
    {
        var outcome = await Handle(id, body, http.Actor(), acts, catalogue, cancellation);
        return await http.AnswerAsync(outcome, () => SeeAgencies.AnswerAsync(http, id, journal, cancellation));
    }

    private static Refusal UnknownProcedure { get; } = new("unknown-procedure", "Cette démarche n'existe pas au catalogue. Rien n'a été enregistré.", 422);

    private static Refusal NotAsked { get; } = new(
        "evidence-type-not-asked", "La démarche ne prévoit pas ces types de justificatifs. Rien n'a été enregistré.", 422);
}
