using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>
/// At the beginning of its day a mutation takes effect, whole or not at all: the holder belongs to the new space, the old space's consents that
/// were tied to the posting end, and what the holder handed over begins. Nothing is deposited again.
/// </summary>
/// <param name="Id">The mutation.</param>
/// <param name="Tied">The consents that the vault names as tied to the posting.</param>
/// <param name="Closed">Of the documents handed over, those that are erased or about to be.</param>
/// <param name="NewConsents">Ids for the consents that begin, one for each procedure handed over.</param>
public sealed record TakeEffect(Guid Id, IReadOnlyDictionary<Guid, Consent> Tied, IReadOnlySet<Guid> Closed, IReadOnlyList<Guid> NewConsents)
{
    /// <returns>Nothing while it is not due, and once it is no longer open.</returns>
    public static MutationEffect Decide(Vault vault, Mutation mutation, TakeEffect command, DateTimeOffset now)
    {
        if (!mutation.IsDue(now)) return MutationEffect.None;
        var ended = command.Tied.Where(consent => consent.Value.StateAt(now) is "active" or "upcoming").Select(consent => consent.Key).ToList();
        var granted = HandoverConsents.Of(command.Id, mutation, Standing(mutation.Handover ?? [], command.Closed), vault.Holder, command.NewConsents, now);
        return new MutationEffect
        {
            Mutation = [new MutationTookEffect(ended, [.. granted.Select(consent => consent.Id)]) { LeftOut = LeftOut(mutation, command.Closed) }],
            Vault = [new SpaceAssigned(mutation.To, command.Id), .. granted.Select(consent => new PostingConsentGiven(consent.Id))],
            Ended = [.. ended.Select(consent => (consent, new ConsentRevoked(Actor.System, RevocationCauses.Mutation, command.Id)))],
            Granted = granted,
        };
    }

    /// <summary>What of a handover can't go, in the order of the choice; null for nothing.</summary>
    internal static IReadOnlyList<Guid>? LeftOut(Mutation mutation, IReadOnlySet<Guid> closed) => closed.Count == 0 ? null : [.. mutation.HandedOver.Where(closed.Contains)];

    /// <summary>A consent names what can be read: a procedure of which nothing is left gets none.</summary>
    private static IReadOnlyList<HandoverProcedure> Standing(IReadOnlyList<HandoverProcedure> chosen, IReadOnlySet<Guid> closed) =>
        [.. chosen.Select(one => one with { Pieces = [.. one.Pieces.Where(piece => !closed.Contains(piece.Document))] }).Where(one => one.Pieces.Count > 0)];
}

/// <summary>What one append records, over several streams, when a mutation takes effect or its handover is accepted; or a refusal, and then nothing.</summary>
public sealed record MutationEffect
{
    public static MutationEffect None { get; } = new();

    public Refusal? Refusal { get; init; }

    /// <summary>On the mutation's stream.</summary>
    public IReadOnlyList<IEvent> Mutation { get; init; } = [];

    /// <summary>On the vault's.</summary>
    public IReadOnlyList<IEvent> Vault { get; init; } = [];

    /// <summary>On the stream of each consent that ends.</summary>
    public IReadOnlyList<(Guid Id, ConsentRevoked Event)> Ended { get; init; } = [];

    /// <summary>The consents that begin.</summary>
    public IReadOnlyList<(Guid Id, ConsentGranted Event)> Granted { get; init; } = [];
}

/// <summary>The consents that a handover gives to the new space: one for each procedure, exactly the pieces that the holder chose.</summary>
internal static class HandoverConsents
{
    public static IReadOnlyList<(Guid Id, ConsentGranted Event)> Of(
        Guid id, Mutation mutation, IReadOnlyList<HandoverProcedure> procedures, Guid holder, IReadOnlyList<Guid> ids, DateTimeOffset now) =>
        [.. procedures.Zip(ids, (chosen, consent) => (consent, new ConsentGranted(
            mutation.Vault, mutation.To, chosen.Procedure, chosen.Purpose, chosen.LegalBasis, now, now.AddDays(chosen.Days), chosen.Uses,
            Deliveries.Download, chosen.Pieces, [], chosen.RetentionDays, Request: null, TiedToPosting: true, id, holder)))];
}
