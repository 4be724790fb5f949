using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Audits;

/// <summary>An auditor opens an audit before they may ask anything: why, over which vaults, until when. Auditing leaves its own trace.</summary>
public sealed record OpenAudit(Guid Auditor, Personal Reason, IReadOnlyList<Guid> Vaults, DateTimeOffset? Until)
{
    public const int DefaultDays = 30;
    public const int LongestDays = 366;
    public const int LongestReason = 2000;
    public const int MostVaults = 1000;

    public static Decision Decide(Audit state, OpenAudit command, DateTimeOffset now)
    {
        if (state.Opened is not null) return Decision.Nothing;
        var until = command.Until ?? now.AddDays(DefaultDays);
        if (until <= now) return EndsInThePast;
        return until > now.AddDays(LongestDays) ? TooLong : Decision.Of(new AuditOpened(command.Auditor, command.Reason, [.. command.Vaults.Distinct()], until));
    }

    /// <param name="Vaults">Ids or addresses.</param>
    /// <param name="AllVaults">Over every vault: said in so many words instead of <paramref name="Vaults"/>, never by leaving something out.</param>
    public sealed record Opening(string? Reason = null, IReadOnlyList<string>? Vaults = null, bool AllVaults = false, DateTimeOffset? Until = null);

    public static async Task<Outcome> Handle(
        Opening opening, Actor actor, ActRunner acts, VaultFinder vaults, KeyStore keys, RequestKeys request, CancellationToken cancellation)
    {
        var stated = FileNames.CleanTitle(opening.Reason ?? "");
        if (stated.Length == 0) return ReasonNeeded;
        if (stated.Length > LongestReason || opening.Vaults is { Count: > MostVaults }) return TooMuch;
        if (opening.AllVaults == opening.Vaults is { Count: > 0 }) return ScopeNeeded;
        var scope = new List<Guid>();
        foreach (var named in opening.Vaults ?? [])
        {
            if (await vaults.ByAddressAsync(named, cancellation) is not { } vault) return UnknownVault with { Arguments = [named.Length > 50 ? named[..50] : named] };
            scope.Add(vault.Vault);
        }

        var id = Guid.CreateVersion7();
        return await acts.RunAsync(actor, async session =>
        {
            var audit = await session.FetchForWriting<Audit>(id, cancellation);
            await keys.CreateOwnerAsync(id, cancellation);
            var reason = await request.SealAsync(id, stated, cancellation);
            return session.Take(audit, Decide(audit.State, new OpenAudit(actor.Person, reason!, scope, opening.Until), session.Now), actor);
        }, cancellation);
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/audits", Post).RequireAuthorization(Policies.Auditor)
        .WithSummary("Open an audit").Produces<AuditView>(StatusCodes.Status201Created);

    private static async Task<IResult> Post(
        Opening opening, HttpContext http, ActRunner acts, VaultFinder vaults, KeyStore keys, RequestKeys request, AuditReader audits, CancellationToken cancellation)
    {
        var outcome = await Handle(opening, http.Actor(), acts, vaults, keys, request, cancellation);
        return await http.AnswerAsync(outcome, async () =>
            Results.Created($"/api/v1/audits/{outcome.Stream}", await audits.FindAsync(outcome.Stream, Person.From(http.User), cancellation)));
    }

    private static Refusal ReasonNeeded { get; } = new("reason-needed", "Dites pourquoi cet audit est ouvert : le motif en fait partie.", 422);

    private static Refusal TooMuch { get; } = new("too-long", "Le motif a 2000 caractères au plus, et un audit porte sur 1000 coffres nommés au plus.", 422);

    private static Refusal ScopeNeeded { get; } = new(
        "scope-needed", "Dites sur quoi porte l'audit : les coffres que vous nommez, ou tous les coffres, l'un des deux.", 422);

    private static Refusal UnknownVault { get; } = new("vault-unknown", "Aucun coffre n'a cette adresse ou cet identifiant : {0}", 422);

    private static Refusal EndsInThePast { get; } = new("until-past", "La fin de l'audit est déjà passée.", 422);

    private static Refusal TooLong { get; } = new("until-too-far", "Un audit dure 366 jours au plus.", 422);
}
