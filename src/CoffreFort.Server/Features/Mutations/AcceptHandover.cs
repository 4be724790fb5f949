using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>
/// The holder accepts the handover and chooses, procedure by procedure and piece by piece, what the new space will be able to read. Accepting again
/// replaces the choice until the mutation takes effect; a choice made only after that opens at once.
/// </summary>
/// <param name="Closed">Of the documents chosen, those that are erased or about to be.</param>
/// <param name="NewConsents">Ids for the consents, used when the mutation has taken effect already.</param>
public sealed record AcceptHandover(Guid Id, Guid By, IReadOnlyList<HandoverProcedure> Procedures, IReadOnlySet<Guid> Closed, IReadOnlyList<Guid> NewConsents)
{
    public static MutationEffect Decide(Vault vault, Mutation state, AcceptHandover command, DateTimeOffset now)
    {
        if (Refuse(vault, state, command) is { } refusal) return MutationEffect.None with { Refusal = refusal };
        var accepted = new HandoverAccepted(command.Procedures, command.By);
        if (state.State != MutationState.Effective) return MutationEffect.None with { Mutation = [accepted] };
        var granted = HandoverConsents.Of(command.Id, state, command.Procedures, vault.Holder, command.NewConsents, now);
        return MutationEffect.None with
        {
            Mutation = [accepted, new HandoverCompleted([.. granted.Select(consent => consent.Id)])],
            Vault = [.. granted.Select(consent => new PostingConsentGiven(consent.Id))],
            Granted = granted,
        };
    }

    /// <param name="Procedures">What goes; none at all takes an earlier choice back.</param>
    public sealed record Choice(IReadOnlyList<ChosenProcedure> Procedures);

    /// <param name="Pieces">Left out: what the procedure requires and the vault answers.</param>
    public sealed record ChosenProcedure(string Procedure, IReadOnlyList<ChosenPiece>? Pieces = null);

    public sealed record ChosenPiece(Guid Document, int Version);

    public static async Task<Outcome> Handle(
        Guid id, Choice choice, Actor actor, ActRunner acts, HandoverOffer offer, DueMutations due, Journal journal, CancellationToken cancellation)
    {
        // Whose it is comes first: nobody learns from a bad choice that a mutation exists.
        var known = await journal.AggregateStreamAsync<Mutation>(id, cancellation: cancellation);
        var owner = known is null ? null : await journal.AggregateStreamAsync<Vault>(known.Vault, cancellation: cancellation);
        if (known is null || owner?.Holder != actor.Person) return Refusal.NotFound;
        var (chosen, unfit) = await offer.ChooseAsync(known.Vault, choice, cancellation);
        if (unfit is not null) return unfit;
        return await acts.RunAsync(actor, async session =>
        {
            await due.EnsureAsync(session, known.Vault, cancellation);
            var mutation = await session.FetchForWriting<Mutation>(id, cancellation);
            var vault = await session.FetchForWriting<Vault>(known.Vault, cancellation);
            if (actor.IfMatch is { } wanted && wanted != mutation.Version) return Decisions.Changed(mutation.Version);
            var closed = await session.ClosedAsync(chosen.SelectMany(one => one.Pieces).Select(piece => piece.Document).Distinct(), cancellation);
            var command = new AcceptHandover(id, actor.Person, chosen, closed, [.. chosen.Select(_ => Guid.CreateVersion7())]);
            return session.Take(mutation, vault, Decide(vault.State, mutation.State, command, session.Now), []);
        }, cancellation);
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/mutations/{id:guid}/accept", Post).RequireAuthorization(Policies.Holder)
        .WithSummary("Accept the handover and choose what goes").Produces<MutationView>();

    private static async Task<IResult> Post(
        Guid id, Choice choice, HttpContext http, ActRunner acts, HandoverOffer offer, DueMutations due, Journal journal, MutationReader mutations,
        CancellationToken cancellation)
    {
        var outcome = await Handle(id, choice, http.Actor(), acts, offer, due, journal, cancellation);
        return await http.AnswerAsync(outcome, () => mutations.AnswerAsync(http, id, created: false, cancellation));
    }

    private static Refusal? Refuse(Vault vault, Mutation state, AcceptHandover command)
    {
        if (state.State == MutationState.None || vault.Holder != command.By) return Refusal.NotFound;
        if (ErasureRefusals.RefuseChange(vault) is { } closed) return closed;
        if (state.State == MutationState.Cancelled) return MutationRefusals.Cancelled;
        if (command.Closed.Count > 0) return PieceErased;
        if (state.State != MutationState.Effective) return null;
        if (state.Granted.Count > 0) return Completed;
        if (vault.Space != state.To) return Superseded;
        return command.Procedures.Count == 0 ? Empty : null;
    }

    private static Refusal Completed { get; } = new(
        "handover-completed", "Le passage de relais a eu lieu : pour montrer autre chose, répondez à une demande ou faites un partage.");

    private static Refusal PieceErased { get; } = new(
        "piece-erased", "Une des pièces choisies est effacée, ou va l'être : elle ne peut pas être transmise. Rien n'a été enregistré ; choisissez sans elle.");

    private static Refusal Superseded { get; } = new("mutation-superseded", "Une mutation plus récente a pris effet depuis : celle-ci ne peut plus rien ouvrir.");

    private static Refusal Empty { get; } = new("handover-empty", "Choisissez au moins une démarche à transmettre.", 422);
}
