using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>An agency joins: from now on it can be given clerks and habilitations. A space has a site code and a garrison, other agencies neither.</summary>
public sealed record RegisterAgency(string Name, string Kind, string? SiteCode = null, string? Garrison = null)
{
    /// <summary>The kinds that the catalogue's procedures speak of.</summary>
    private static readonly string[] Known = ["caf", "town-hall", Agency.AtlasKind];

    public static Decision Decide(Agency state, RegisterAgency command)
    {
        if (state.Kind.Length > 0) return Decision.Nothing;
        var (name, site, garrison) = (Clean(command.Name), Clean(command.SiteCode), Clean(command.Garrison));
        if (name is null or { Length: > 200 } || site is { Length: > 40 } || garrison is { Length: > 200 }) return BadName;
        if (!Known.Contains(command.Kind)) return UnknownKind;
        var isSpace = command.Kind == Agency.AtlasKind;
        if (isSpace == site is null || isSpace == garrison is null) return SpaceOnly;
        return Decision.Of(new AgencyRegistered(name, command.Kind, site, garrison));
    }

    public static Task<Outcome> Handle(Guid id, RegisterAgency command, Actor actor, ActRunner acts, KeyStore keys, CancellationToken cancellation) =>
        acts.RunAsync(actor, async session =>
        {
            var agency = await session.FetchForWriting<Agency>(id, cancellation);
            var decision = Decide(agency.State, command);
            if (decision.Refusal is null) await keys.CreateOwnerAsync(id, cancellation);
            return session.Take(agency, decision, actor);
        }, cancellation);

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/agencies", Post).RequireAuthorization(Policies.Operator)
        .WithSummary("Register an agency").Produces<AgencyView>(StatusCodes.Status201Created);

    private static async Task<IResult> Post(
        RegisterAgency body, HttpContext http, ActRunner acts, KeyStore keys, Journal journal, CancellationToken cancellation)
    {
        var outcome = await Handle(Guid.CreateVersion7(), body, http.Actor(), acts, keys, cancellation);
        return await http.AnswerAsync(outcome, () => SeeAgencies.AnswerAsync(http, outcome.Stream, journal, cancellation, created: true));
    }

    // Everybody reads these names and decides by them whom to trust.
    private static string? Clean(string? typed) => FileNames.CleanTitle(typed ?? "") is { Length: > 0 } clean ? clean : null;

    private static Refusal BadName { get; } = new("agency-name", "Le nom de l'administration est vide ou trop long. Rien n'a été enregistré.", 422);

    private static Refusal UnknownKind { get; } = new("unknown-agency-kind", "Ce type d'administration n'existe pas au catalogue. Rien n'a été enregistré.", 422);

    private static Refusal SpaceOnly { get; } = new(
        "space-only", "Un espace ATLAS a un code de site et une garnison ; une autre administration n'en a pas. Rien n'a été enregistré.", 422);
}
