using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>
/// The personnel service announces a posting, months ahead: the future space sees an arrival, and no document. One at a time for each vault; a first
/// space is assigned in the same way, from none. A date that has come takes effect at once.
/// </summary>
/// <param name="Id">The new mutation.</param>
/// <param name="From">The space that the order names as left; null takes the vault's own.</param>
public sealed record AnnounceMutation(Guid Id, Guid Vault, Guid? From, Guid To, DateOnly EffectiveOn, Personal? Order, Guid By)
{
    public static Decision Decide(Vault vault, Agency to, AnnounceMutation command, DateTimeOffset now)
    {
        if (vault.Holder == Guid.Empty || vault.Erasure.IsClosed) return UnknownVault;
        if (!to.IsSpace) return NotASpace;
        if (vault.AnnouncedMutation is not null) return AlreadyOpen;
        if (command.From is { } from && from != vault.Space) return FromAnother;
        if (command.To == vault.Space) return SameSpace;
        if (PostingDates.Refuse(command.EffectiveOn, now) is { } refusal) return refusal;
        return Decision.Of(new PostingAnnounced(command.Id)).AndStart<Mutation>(
            command.Id, new MutationAnnounced(command.Vault, vault.Space, command.To, command.EffectiveOn, command.Order, command.By));
    }

    /// <param name="Vault">Its id or its address.</param>
    /// <param name="To">The space's id or its site code.</param>
    /// <param name="From">The same; left out, it is the space the holder belongs to.</param>
    /// <param name="Order">The order of posting, as the service names it.</param>
    public sealed record Posting(string Vault, string To, DateOnly EffectiveOn, string? From = null, string? Order = null);

    public static async Task<Outcome> Handle(
        Posting posting, Actor actor, ActRunner acts, VaultFinder vaults, AgencyFinder agencies, RequestKeys keys, DueMutations due, CancellationToken cancellation)
    {
        var named = FileNames.CleanTitle(posting.Order ?? "");
        if (named.Length > 200) return OrderTooLong;
        if (await vaults.ByAddressAsync(posting.Vault, cancellation) is not { Vault: var vault }) return UnknownVault;
        var spaces = await agencies.SpacesAsync(cancellation);
        if (SpaceOf(posting.To, spaces) is not { } to) return NotASpace;
        if (posting.From is { Length: > 0 } && SpaceOf(posting.From, spaces) is null) return NotASpace;
        var id = Guid.CreateVersion7();
        var outcome = await acts.RunAsync(actor, async session =>
        {
            await due.EnsureAsync(session, vault, cancellation);
            var state = await session.FetchForWriting<Vault>(vault, cancellation);
            if (state.State.Erasure.IsClosed) return UnknownVault;
            var space = await session.FetchGuarded<Agency>(to, cancellation);
            var order = await keys.SealAsync(vault, named.Length == 0 ? null : named, cancellation);
            var command = new AnnounceMutation(id, vault, SpaceOf(posting.From, spaces), to, posting.EffectiveOn, order, actor.Person);
            return session.Take(state, Decide(state.State, space.State, command, session.Now), actor);
        }, cancellation);
        if (outcome.Refusal is null) await due.EnsureAsync(vault, cancellation);
        return outcome;
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/mutations", Post).RequireAuthorization(Policies.Personnel)
        .WithSummary("Announce a posting").Produces<MutationView>(StatusCodes.Status201Created);

    /// <summary>Which mutation the outcome speaks of: the vault's stream is written first, the mutation's own after it.</summary>
    public static Guid Announced(Outcome outcome) => outcome.Written!.Events.First(written => written.Name == "mutation_announced").StreamId;

    private static async Task<IResult> Post(
        Posting posting, HttpContext http, ActRunner acts, VaultFinder vaults, AgencyFinder agencies, RequestKeys keys, DueMutations due,
        MutationReader mutations, CancellationToken cancellation)
    {
        var outcome = await Handle(posting, http.Actor(), acts, vaults, agencies, keys, due, cancellation);
        return await http.AnswerAsync(outcome, () => mutations.AnswerAsync(http, Announced(outcome), created: true, cancellation));
    }

    private static Guid? SpaceOf(string? named, IReadOnlyList<AgencyEntry> spaces) => named is null ? null : spaces
        .FirstOrDefault(space => Guid.TryParse(named, out var id) ? space.Agency == id : string.Equals(space.SiteCode, named.Trim(), StringComparison.OrdinalIgnoreCase))
        ?.Agency;

    private static Refusal UnknownVault { get; } = new("not-found", "Aucun coffre n'a cette adresse.", 404);

    private static Refusal NotASpace { get; } = new("not-a-space", "Aucun espace ATLAS n'a cet identifiant ou ce code de site.", 422);

    private static Refusal AlreadyOpen { get; } = new("mutation-open", "Une mutation est déjà annoncée pour ce coffre : reportez-la ou annulez-la d'abord.");

    private static Refusal FromAnother { get; } = new("from-mismatch", "La personne n'appartient pas à l'espace de départ indiqué.");

    private static Refusal SameSpace { get; } = new("same-space", "La personne appartient déjà à cet espace.", 422);

    private static Refusal OrderTooLong { get; } = new("too-long", "La référence de l'ordre a 200 caractères au plus.", 422);
}
