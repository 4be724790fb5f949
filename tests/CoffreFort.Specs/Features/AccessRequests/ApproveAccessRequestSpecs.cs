using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.AccessRequests;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Specs.Catalogue;
using FsCheck;
using FsCheck.Fluent;
using static CoffreFort.Specs.Features.AccessRequests.Story;

namespace CoffreFort.Specs.Features.AccessRequests;

public sealed class ApproveAccessRequestSpecs
{
    private static readonly Guid RequestId = Guid.CreateVersion7();
    private static readonly Guid ConsentId = Guid.CreateVersion7();
    private static readonly ApproveAccessRequest Approve = new(Holder, RequestId, ConsentId, Enrolment, null, null, null, null);

    private static readonly ConsentGranted Granted = new(
        VaultId, AgencyId, Enrolment.Code, Asked.Purpose, Asked.LegalBasis, Now, Now.AddDays(30), 3, Deliveries.Download,
        [new(Card.Document!.Value, 2, "identity-card"), new(Address.Document!.Value, 1, "proof-of-address")], [], Asked.RetentionDays, RequestId, false, null, Holder);

    private static ChosenPiece AddressChosen => new(Address.Document!.Value, 1);

    [Fact]
    [Trait("Requirement", "R-010")]
    public void agreeing_grants_all_that_was_shown_and_answers_the_request_in_one_act()
    {
        var decided = When(Approve);
        decided.Then(new AccessApproved(ConsentId, Holder));
        Assert.Equivalent(Granted, Consent(decided), strict: true);
    }

    [Fact]
    public void the_holder_narrows_pieces_period_uses_and_delivery()
    {
        var narrowed = Approve with { Pieces = [AddressChosen, AddressChosen], Until = Now.AddDays(1), Uses = 1, Delivery = Deliveries.View };
        Assert.Equivalent(
            Granted with { Pieces = [new(Address.Document!.Value, 1, "proof-of-address")], Until = Now.AddDays(1), Uses = 1, Delivery = Deliveries.View },
            Consent(When(narrowed)), strict: true);
    }

    [Fact]
    public void a_consent_to_the_space_of_the_posting_is_tied_to_it() =>
        Assert.True(Consent(new Decided(ApproveAccessRequest.Decide(Pending, HolderVault with { Space = AgencyId }, TownHall, Shown, Approve, Now))).TiedToPosting);

    [Fact]
    public void a_piece_that_was_not_shown_is_refused()
    {
        When(Approve with { Pieces = [AddressChosen, new(Guid.CreateVersion7(), 1)] }).ThenRefused("piece-not-asked");
        When(Approve with { Pieces = [new(Card.Document!.Value, 1)] }).ThenRefused("piece-not-asked");
        When(Approve with { Pieces = [new(OldNotice.Document!.Value, 1)] }).ThenRefused("piece-not-asked");
    }

    [Fact]
    [Trait("Requirement", "R-115")]
    public void a_closed_list_is_the_rule_behind_the_refusal() =>
        Assert.Equal("décret n° 2020-811", When(Approve with { Pieces = [new(Guid.CreateVersion7(), 1)] }).Decision.Refusal!.Rule);

    [Fact]
    public void agreeing_to_nothing_is_no_agreement() => When(Approve with { Pieces = [] }).ThenRefused("nothing-to-show");

    [Fact]
    public void the_period_lies_ahead_and_within_the_procedures()
    {
        When(Approve with { Until = Now }).ThenRefused("until-in-the-past");
        When(Approve with { Until = Now.AddDays(30).AddTicks(1) }).ThenRefused("until-too-late");
        Assert.Equal(Now.AddDays(30), Consent(When(Approve with { Until = Now.AddDays(30) })).Until);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1001)]
    public void the_number_of_reads_makes_sense(int uses) => When(Approve with { Uses = uses }).ThenRefused("uses-out-of-range");

    [Fact]
    public void a_delivery_is_one_of_three() => When(Approve with { Delivery = "post" }).ThenRefused("unknown-delivery");

    [Fact]
    public void somebody_elses_request_looks_like_none_at_all()
    {
        When(Approve with { By = Guid.CreateVersion7() }).ThenRefused("not-found");
        Given.Nothing<AccessRequest>().When(state => ApproveAccessRequest.Decide(state, HolderVault, TownHall, Shown, Approve, Now)).ThenRefused("not-found");
    }

    [Fact]
    public void a_habilitation_that_ended_since_takes_nothing()
    {
        var ended = Agency.Evolve(TownHall, new ProcedureWithdrawn(Enrolment.Code));
        Given.Stream<AccessRequest>(Asked).When(state => ApproveAccessRequest.Decide(state, HolderVault, ended, Shown, Approve, Now)).ThenRefused("habilitation-ended");
    }

    [Fact]
    public void a_request_is_answered_once_and_in_time()
    {
        foreach (var answer in new EventStore.IEvent[] { new AccessApproved(ConsentId, Holder), new AccessRequestResolved(ConsentId), new AccessRefused(Holder, null) })
            Given.Stream<AccessRequest>(Asked, answer).When(Decide).ThenRefused("already-answered");
        Given.Stream<AccessRequest>(Asked, new AccessRequestWithdrawn(Clerk)).When(Decide).ThenRefused("request-withdrawn");
        Given.Stream<AccessRequest>(Asked with { Expires = Now }).When(Decide).ThenRefused("request-expired");
    }

    /// <summary>Whatever the vault holds, whatever the procedure requires, whatever is chosen: a consent holds nothing that was not shown.</summary>
    [Fact]
    [Trait("Requirement", "R-009")]
    public void a_consent_never_holds_a_piece_that_was_not_shown() => Prop.ForAll(Choices.ToArbitrary(), choice =>
    {
        var decision = ApproveAccessRequest.Decide(Pending, HolderVault, TownHall, choice.Shown, Approve with { Pieces = choice.Chosen }, Now);
        if (decision.Refusal is not null) return;
        var shown = choice.Shown.Pieces.Where(piece => piece.Status == PieceStatus.Satisfied).Select(piece => (piece.Document, piece.Version, piece.EvidenceType)).ToList();
        foreach (var piece in Consent(new Decided(decision)).Pieces) Assert.Contains((piece.Document, piece.Version, piece.EvidenceType), shown);
        if (choice.Chosen is { } chosen) Assert.Equal(chosen.ToHashSet(), Consent(new Decided(decision)).Pieces.Select(piece => new ChosenPiece(piece.Document, piece.Version)).ToHashSet());
    }).QuickCheckThrowOnFailure();

    private static Gen<(Evaluation Shown, IReadOnlyList<ChosenPiece>? Chosen)> Choices =>
        from random in RandomCase.Any.Generator
        from mayRead in Gen.SubListOf("a", "b", "c", "d", "e")
        let procedure = Enrolment with { Requirement = random.Requirement, ClosedList = null }
        let shown = Preview.Of(procedure, new Habilitation([.. mayRead], null), random.Held, random.Situation.Flags, random.AsOf)
        from kept in Gen.SubListOf(random.Held.Select(one => new ChosenPiece(one.Document, one.Version)).Append(new(Guid.Empty, 9)))
        from all in Gen.Elements(true, false)
        select (shown, all ? null : (IReadOnlyList<ChosenPiece>?)[.. kept]);

    private static Decided When(ApproveAccessRequest command) =>
        Given.Stream<AccessRequest>(Asked).When(state => ApproveAccessRequest.Decide(state, HolderVault, TownHall, Shown, command, Now));

    private static Server.Decision Decide(AccessRequest state) => ApproveAccessRequest.Decide(state, HolderVault, TownHall, Shown, Approve, Now);

    private static ConsentGranted Consent(Decided decided)
    {
        Assert.Null(decided.Decision.Refusal);
        return Assert.IsType<ConsentGranted>(Assert.Single(Assert.Single(decided.Decision.Starts).Events));
    }
}
