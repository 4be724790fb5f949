using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.Specs.Features.Mutations;

/// <summary>What goes from one space to the other, and when.</summary>
public sealed class HandoverSpecs
{
    private static readonly Vault InToulon = Posting.State<Vault>(
        Posting.Opened, Posting.InToulon, new PostingConsentGiven(Posting.OldConsent), new PostingAnnounced(Posting.Id));

    private static readonly MutationTookEffect TookEffect = new([Posting.OldConsent], []);

    private static readonly Vault InBrest = Vault.Evolve(InToulon, new SpaceAssigned(Posting.Brest, Posting.Id));

    private static TakeEffect Take(params IEvent[] consent) => new(
        Posting.Id, new Dictionary<Guid, Consent> { [Posting.OldConsent] = Posting.State<Consent>(consent.Length > 0 ? consent : [Posting.Tied]) }, new HashSet<Guid>(), [Posting.NewConsent]);

    private static AcceptHandover Accept(params HandoverProcedure[] procedures) => new(Posting.Id, Posting.Holder, procedures, new HashSet<Guid>(), [Posting.NewConsent]);

    [Fact]
    public void before_its_day_nothing_happens()
    {
        var effect = TakeEffect.Decide(InToulon, Posting.State<Mutation>(Posting.Announced, Posting.Accepted), Take(), Posting.Before);
        Assert.Equivalent(MutationEffect.None, effect, strict: true);
    }

    [Fact]
    public void at_its_first_instant_the_old_spaces_access_ends_and_the_new_ones_begins()
    {
        var effect = TakeEffect.Decide(InToulon, Posting.State<Mutation>(Posting.Announced, Posting.Accepted), Take(), Posting.Effect);
        Assert.Equivalent(new[] { new MutationTookEffect([Posting.OldConsent], [Posting.NewConsent]) }, effect.Mutation, strict: true);
        Assert.Equal([new SpaceAssigned(Posting.Brest, Posting.Id), new PostingConsentGiven(Posting.NewConsent)], effect.Vault);
        Assert.Equal([(Posting.OldConsent, new ConsentRevoked(Actor.System, RevocationCauses.Mutation, Posting.Id))], effect.Ended);
        var (id, granted) = Assert.Single(effect.Granted);
        Assert.Equal(Posting.NewConsent, id);
        Assert.Equivalent(Posting.Consent(Posting.Brest, tied: true, Posting.Id, Posting.Effect), granted, strict: true);
    }

    [Fact]
    public void without_the_holders_word_the_old_access_ends_all_the_same_and_nothing_begins()
    {
        var effect = TakeEffect.Decide(InToulon, Posting.State<Mutation>(Posting.Announced), Take(), Posting.Effect);
        Assert.Single(effect.Ended);
        Assert.Empty(effect.Granted);
    }

    [Fact]
    public void what_the_holder_had_revoked_is_not_ended_again()
    {
        var effect = TakeEffect.Decide(
            InToulon, Posting.State<Mutation>(Posting.Announced),
            Take(Posting.Tied, new ConsentRevoked(Posting.Holder, RevocationCauses.Holder, null)), Posting.Effect);
        Assert.Empty(effect.Ended);
        Assert.NotEmpty(effect.Mutation);
    }

    [Fact]
    [Trait("Requirement", "R-020")]
    public void what_was_erased_meanwhile_is_left_out_and_a_procedure_of_which_nothing_is_left_opens_nothing()
    {
        var kept = new GrantedPiece(Guid.CreateVersion7(), 2, "bank-details");
        var mutation = Posting.State<Mutation>(
            Posting.Announced, new HandoverAccepted([Posting.Removal, Posting.Removal with { Procedure = "defence-housing", Pieces = [Posting.Piece, kept] }], Posting.Holder));
        var effect = TakeEffect.Decide(InToulon, mutation, Take() with { Closed = new HashSet<Guid> { Posting.Piece.Document } }, Posting.Effect);
        var (id, granted) = Assert.Single(effect.Granted);
        Assert.Equal("defence-housing", granted.Procedure);
        Assert.Equal([kept], granted.Pieces);
        var took = Assert.IsType<MutationTookEffect>(Assert.Single(effect.Mutation));
        Assert.Equal([Posting.Piece.Document], took.LeftOut);
        Assert.Equal([id], took.Granted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Requirement", "R-020")]
    public void what_is_erased_can_not_be_chosen(bool effective)
    {
        var mutation = Posting.State<Mutation>(effective ? [Posting.Announced, TookEffect] : [Posting.Announced]);
        var command = Accept(Posting.Removal) with { Closed = new HashSet<Guid> { Posting.Piece.Document } };
        var effect = AcceptHandover.Decide(effective ? InBrest : InToulon, mutation, command, Posting.Effect);
        Assert.Equal("piece-erased", effect.Refusal?.Code);
        Assert.Empty(effect.Mutation);
    }

    [Fact]
    public void it_takes_effect_once() => Assert.Empty(
        TakeEffect.Decide(InBrest, Posting.State<Mutation>(Posting.Announced, Posting.Accepted, TookEffect), Take(), Posting.Effect.AddDays(1)).Mutation);

    [Fact]
    [Trait("Requirement", "R-023")]
    public void what_was_cancelled_never_takes_effect() => Assert.Empty(
        TakeEffect.Decide(InToulon, Posting.State<Mutation>(Posting.Announced, new MutationCancelled(Posting.Officer, null)), Take(), Posting.Effect).Mutation);

    [Fact]
    [Trait("Requirement", "R-023")]
    public void what_was_moved_takes_effect_on_its_new_day_with_the_last_choice()
    {
        var mutation = Posting.State<Mutation>(
            Posting.Announced, Posting.Accepted, new MutationRescheduled(Posting.Day.AddDays(1), Posting.Officer),
            new HandoverAccepted([Posting.Removal with { Procedure = "defence-housing" }], Posting.Holder));
        Assert.Empty(TakeEffect.Decide(InToulon, mutation, Take(), Posting.Effect).Mutation);
        var effect = TakeEffect.Decide(InToulon, mutation, Take(), Posting.Effect.AddDays(1));
        Assert.Equal("defence-housing", Assert.Single(effect.Granted).Event.Procedure);
    }

    [Fact]
    public void a_handover_accepted_before_the_day_opens_nothing_yet()
    {
        var effect = AcceptHandover.Decide(InToulon, Posting.State<Mutation>(Posting.Announced), Accept(Posting.Removal), Posting.Before);
        Assert.Equivalent(new[] { Posting.Accepted }, effect.Mutation, strict: true);
        Assert.Empty(effect.Granted);
        Assert.Empty(effect.Vault);
    }

    [Fact]
    public void a_choice_may_be_taken_back_until_the_day()
    {
        var effect = AcceptHandover.Decide(InToulon, Posting.State<Mutation>(Posting.Announced, Posting.Accepted), Accept(), Posting.Before);
        Assert.Null(effect.Refusal);
        Assert.Equal(MutationState.Announced, Posting.State<Mutation>([Posting.Announced, Posting.Accepted, .. effect.Mutation]).State);
    }

    [Fact]
    public void a_handover_accepted_after_the_day_opens_at_once()
    {
        var effect = AcceptHandover.Decide(InBrest, Posting.State<Mutation>(Posting.Announced, TookEffect), Accept(Posting.Removal), Posting.Effect);
        Assert.Equivalent(new IEvent[] { Posting.Accepted, new HandoverCompleted([Posting.NewConsent]) }, effect.Mutation, strict: true);
        Assert.Equal([new PostingConsentGiven(Posting.NewConsent)], effect.Vault);
        Assert.Equal(Posting.Brest, Assert.Single(effect.Granted).Event.Grantee);
    }

    [Theory]
    [InlineData("handover-completed")]
    [InlineData("mutation-superseded")]
    [InlineData("handover-empty")]
    [InlineData("mutation-cancelled")]
    [InlineData("not-found")]
    public void otherwise_it_is_refused(string code)
    {
        var effective = Posting.State<Mutation>(Posting.Announced, TookEffect);
        var (vault, mutation, command) = code switch
        {
            "handover-completed" => (InBrest, Mutation.Evolve(effective, new HandoverCompleted([Posting.NewConsent])), Accept(Posting.Removal)),
            "mutation-superseded" => (Vault.Evolve(InBrest, new SpaceAssigned(Posting.Toulon, null)), effective, Accept(Posting.Removal)),
            "handover-empty" => (InBrest, effective, Accept()),
            "mutation-cancelled" => (InToulon, Posting.State<Mutation>(Posting.Announced, new MutationCancelled(Posting.Officer, null)), Accept(Posting.Removal)),
            _ => (InToulon, Posting.State<Mutation>(Posting.Announced), Accept(Posting.Removal) with { By = Posting.Officer }),
        };
        var effect = AcceptHandover.Decide(vault, mutation, command, Posting.Effect);
        Assert.Equivalent(MutationEffect.None with { Refusal = effect.Refusal }, effect, strict: true);
        Assert.Equal(code, effect.Refusal?.Code);
    }
}
