using System.Globalization;
using CoffreFort.Server.Catalogue;

namespace CoffreFort.Specs.Catalogue;

public sealed class RequirementExamples
{
    private static readonly DateOnly Today = new(2026, 11, 21);
    private static readonly LocalizedText Effect = new("effet", "effect");

    [Theory]
    [InlineData("2026-08-22", PieceStatus.Satisfied)]
    [InlineData("2026-08-21", PieceStatus.Stale)]
    public void less_than_three_months_ends_on_the_day_of_the_third_month(string issued, PieceStatus expected)
    {
        var piece = One([new AgeAtFiling(3)], Held("doc") with { IssuedOn = DateOnly.Parse(issued, CultureInfo.InvariantCulture) });
        Assert.Equal(expected, piece.Status);
        Assert.Equal(expected == PieceStatus.Stale ? Today : null, piece.StaleSince);
    }

    [Fact]
    public void an_unstated_issue_date_is_an_assumption_and_says_which_date_to_state()
    {
        var piece = One([new AgeAtFiling(3)], Held("doc"));
        Assert.Equal(PieceStatus.Satisfied, piece.Status);
        Assert.Equal([Assumption.IssueDateNotStated], piece.Assumptions);
        Assert.Equal(RemedyKind.StateIssueDate, Assert.Single(piece.WouldDo).Kind);
    }

    [Fact]
    public void an_undated_document_deposited_too_long_ago_is_stale_for_certain()
    {
        var piece = One([new AgeAtFiling(3)], Held("doc") with { DepositedOn = Today.AddMonths(-3) });
        Assert.Equal(PieceStatus.Stale, piece.Status);
        Assert.Equal(new DateOnly(2026, 8, 22), Assert.Single(piece.WouldDo).IssuedOnOrAfter);
    }

    [Fact]
    public void an_issue_date_after_the_deposit_is_not_believed() =>
        Assert.Equal([Assumption.IssueDateNotStated], One([new AgeAtFiling(3)], Held("doc") with { IssuedOn = Today.AddDays(1) }).Assumptions);

    [Fact]
    public void what_is_deposited_anew_takes_the_place_of_what_was_there_and_what_is_assumed_of_it_is_said()
    {
        var dated = Held("doc") with { Document = Guid.CreateVersion7(), IssuedOn = Today.AddDays(-40), DepositedOn = Today.AddDays(-30) };
        var undated = Held("doc") with { Document = Guid.CreateVersion7() };
        var piece = One([new AgeAtFiling(3)], undated, dated);
        Assert.Equal(undated.Document, piece.Document);
        Assert.Equal([Assumption.IssueDateNotStated], piece.Assumptions);
    }

    [Fact]
    public void a_document_is_good_through_its_last_day_and_a_prolonged_one_beyond_it_by_assumption()
    {
        var prolonging = new FixedEnd(null, [new(new(2004, 1, 1), new(2013, 12, 31), 60)]);
        Assert.Equal(PieceStatus.Satisfied, One([new FixedEnd()], Held("doc") with { ExpiresOn = Today }).Status);
        Assert.Equal(Today, One([new FixedEnd()], Held("doc") with { ExpiresOn = Today.AddDays(-1) }).StaleSince);
        var card = Held("doc") with { IssuedOn = new(2012, 5, 3), ExpiresOn = new(2022, 5, 2) };
        var piece = One([prolonging], card);
        Assert.Equal([Assumption.ProlongedByALaterText], piece.Assumptions);
        Assert.Equal(new DateOnly(2027, 5, 2), piece.FreshUntil);
        Assert.Equal(PieceStatus.Stale, One([prolonging], card with { IssuedOn = new(2014, 1, 1) }).Status);
    }

    [Theory]
    [InlineData("2025", PieceStatus.Satisfied)]
    [InlineData("2024", PieceStatus.Satisfied)]
    [InlineData("2023", PieceStatus.Stale)]
    [InlineData("2026", PieceStatus.Missing)]
    [InlineData(null, PieceStatus.Satisfied)]
    [InlineData("l'an dernier", PieceStatus.Satisfied)]
    public void an_income_year_is_accepted_one_or_two_years_back(string? label, PieceStatus expected)
    {
        var piece = One([new PeriodLabel(PeriodUnit.Year, 1, 2)], Held("doc") with { Period = label });
        Assert.Equal(expected, piece.Status);
        Assert.Equal(label == "2023" ? new DateOnly(2026, 1, 1) : null, piece.StaleSince);
        if (expected == PieceStatus.Missing)
            Assert.Contains(piece.WouldDo, remedy => remedy.Periods.SequenceEqual(["2025", "2024"]));
        var unstated = label is null or "l'an dernier";
        Assert.Equal(unstated ? [Assumption.PeriodNotStated] : [], piece.Assumptions);
        Assert.Equal(unstated, piece.WouldDo.Any(remedy => remedy.Kind == RemedyKind.StatePeriod));
    }

    [Theory]
    [InlineData("2026-08-31", PieceStatus.Satisfied)]
    [InlineData("2026-09-01", PieceStatus.Stale)]
    public void a_school_year_turns_on_the_first_of_september(string asOf, PieceStatus expected)
    {
        var held = Held("doc") with { Period = "2025-2026", DepositedOn = new(2026, 1, 5) };
        var answer = Requirements.Evaluate(Leaf([new PeriodLabel(PeriodUnit.SchoolYear, 0, 0)]), [held], Situation.None, DateOnly.Parse(asOf, CultureInfo.InvariantCulture));
        Assert.Equal(expected, answer.Pieces[0].Status);
    }

    [Fact]
    public void an_event_makes_an_earlier_document_wrong_from_its_day()
    {
        var birth = Today.AddDays(-10);
        var situation = Situation.None with { Events = Situation.None.Events.Add("birth", birth) };
        Piece Book(DateOnly? issued) => Requirements.Evaluate(Leaf([new UntilEvent(["birth"])]), [Held("doc") with { IssuedOn = issued }], situation, Today).Pieces[0];
        Assert.Equal((PieceStatus.Stale, birth), (Book(birth.AddDays(-1)).Status, Book(birth.AddDays(-1)).StaleSince));
        Assert.Equal((PieceStatus.Satisfied, 0), (Book(birth).Status, Book(birth).Assumptions.Count));
        Assert.Equal([Assumption.IssueDateNotStated], Book(null).Assumptions);
    }

    [Fact]
    public void a_document_known_to_be_wrong_satisfies_nothing() =>
        Assert.Equal(Today, One([], Held("doc") with { InvalidatedOn = Today }).StaleSince);

    [Fact]
    public void what_was_deposited_after_the_day_in_question_is_not_looked_at() =>
        Assert.Equal(PieceStatus.Missing, One([], Held("doc") with { DepositedOn = Today.AddDays(1) }).Status);

    [Fact]
    public void the_least_sensitive_alternative_is_shown_and_the_first_of_equals()
    {
        var requirement = new AnyOf([Named("health", Sensitivity.HealthJusticeOrDefence), Named("home", Sensitivity.Ordinary), Named("other", Sensitivity.Ordinary)]);
        var answer = Requirements.Evaluate(requirement, [Held("other"), Held("home"), Held("health")], Situation.None, Today);
        Assert.Equal("home", Assert.Single(answer.Pieces).EvidenceType);
    }

    [Fact]
    public void beyond_exactly_one_the_rest_is_not_due_and_beyond_at_least_one_it_is_not_mentioned()
    {
        Requirement[] parts = [Named("card"), Named("passport")];
        var exactly = Requirements.Evaluate(new ExactlyOf(1, parts), [Held("passport"), Held("card")], Situation.None, Today);
        Assert.Equal([("card", PieceStatus.Satisfied), ("passport", PieceStatus.NotDue)], exactly.Pieces.Select(piece => (piece.Asked, piece.Status)));
        Assert.Single(Requirements.Evaluate(new AtLeastOf(1, parts), [Held("passport"), Held("card")], Situation.None, Today).Pieces);
    }

    [Fact]
    public void a_count_that_no_choice_can_meet_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Requirements.Evaluate(new ExactlyOf(2, [Named("card")]), [], Situation.None, Today));

    [Fact]
    public void a_holder_may_decline_what_the_vault_could_supply()
    {
        var requirement = new MayDecline("income", Named("doc"), Effect, new("règle", "source", null, RuleStanding.Inferred));
        var answer = Requirements.Evaluate(requirement, [Held("doc")], Situation.None with { Declined = ["income"] }, Today);
        Assert.True(answer.Complete);
        Assert.Empty(answer.Shown);
        Assert.Equal((PieceStatus.NotSupplied, Effect), (answer.Pieces[0].Status, answer.Pieces[0].Effect));
    }

    private static Piece One(IReadOnlyList<Freshness> freshness, params HeldEvidence[] held) =>
        Assert.Single(Requirements.Evaluate(Leaf(freshness), held, Situation.None, Today).Pieces);

    private static EvidenceNeeded Leaf(IReadOnlyList<Freshness> freshness) => new("doc", freshness);

    private static EvidenceNeeded Named(string type, Sensitivity sensitivity = Sensitivity.Ordinary) => new(type, [], Sensitivity: sensitivity);

    private static HeldEvidence Held(string type) => new(Guid.Empty, 1, type, null, null, null, Today, null);
}
