using CoffreFort.Server.Catalogue;

namespace CoffreFort.Specs.Catalogue;

public sealed class ShippedProcedures
{
    private static readonly DateOnly Today = new(2026, 11, 21);

    [Fact]
    public void the_family_portal_takes_the_caf_paper_alone()
    {
        var answer = Check("family-portal", [Bill, Record, Caf(Today.AddMonths(-1))]);
        Assert.True(answer.Complete);
        Assert.Equal(["proof-of-address", "family-benefits-certificate", "vaccination-record"], answer.Shown.Select(piece => piece.EvidenceType));
    }

    [Fact]
    public void the_family_portal_takes_the_book_and_the_notice_when_the_caf_paper_is_stale()
    {
        var answer = Check("family-portal", [Bill, Record, Caf(Today.AddMonths(-4)), Book, Notice]);
        Assert.True(answer.Complete);
        Assert.Equal(["proof-of-address", "family-record-book", "tax-notice", "vaccination-record"], answer.Shown.Select(piece => piece.EvidenceType));
    }

    [Fact]
    [Trait("Requirement", "R-035")]
    public void the_family_portal_with_no_income_is_complete_at_the_highest_tariff_and_does_not_show_the_book()
    {
        var answer = Check("family-portal", [Bill, Record, Book]);
        Assert.True(answer.Complete);
        var notSupplied = Assert.Single(answer.Pieces, piece => piece.Status == PieceStatus.NotSupplied);
        Assert.Equal("The highest tariff applies.", notSupplied.Effect!.En);
        Assert.Equal("income", notSupplied.Choice);
        Assert.DoesNotContain(answer.Shown, piece => piece.EvidenceType == "family-record-book");
    }

    [Fact]
    [Trait("Requirement", "R-115")]
    public void a_town_hall_that_asks_for_income_at_school_enrolment_is_told_two_pieces_are_not_due_and_why()
    {
        var answer = Check("school-enrolment", [Bill, Record, Book, Card, Notice]);
        Assert.True(answer.Complete);
        var beyond = answer.Pieces.Where(piece => piece.Rule?.Source == "décret n° 2020-811").ToList();
        Assert.Equal(["tax-notice", "payslip"], beyond.Select(piece => piece.Asked));
        Assert.All(beyond, piece => Assert.Equal((PieceStatus.NotDue, null), (piece.Status, piece.Document)));
        Assert.DoesNotContain(answer.Shown, piece => piece.EvidenceType == "tax-notice");
    }

    [Fact]
    [Trait("Requirement", "R-115")]
    public void what_an_agency_asks_now_beyond_the_closed_list_is_not_due_either() => Assert.Contains(
        Requirements.Evaluate(Procedure("school-enrolment"), [], Situation.None, Today, ["posting-order", "passport"]).Pieces,
        piece => piece is { Asked: "posting-order", Status: PieceStatus.NotDue, Rule: not null });

    [Fact]
    public void without_a_closed_list_nothing_is_over_asked_in_law() => Assert.DoesNotContain(
        Requirements.Evaluate(Procedure("removal-bonus"), [], Situation.None, Today, ["payslip"]).Pieces, piece => piece.Status == PieceStatus.NotDue);

    [Fact]
    public void children_make_the_book_due_for_removal_costs_and_without_them_it_is_not()
    {
        var alone = Check("removal-costs", []);
        Assert.Equal(PieceStatus.NotDue, alone.Pieces.Single(piece => piece.Asked == "family-record-book").Status);
        var family = Check("removal-costs", [], "has-children");
        Assert.Equal(PieceStatus.Missing, family.Pieces.Single(piece => piece.Asked == "family-record-book").Status);
    }

    [Fact]
    [Trait("Requirement", "R-027")]
    public void one_proof_of_address_is_fresh_before_a_move_and_stale_after_it()
    {
        var moved = Situation.None with { Events = Situation.None.Events.Add("move", Today) };
        var before = Requirements.Evaluate(Procedure("removal-bonus"), [Bill], Situation.None, Today);
        var after = Requirements.Evaluate(Procedure("removal-bonus"), [Bill], moved, Today);
        Assert.Equal(PieceStatus.Satisfied, before.Pieces[1].Status);
        Assert.Equal((PieceStatus.Stale, Today), (after.Pieces[1].Status, after.Pieces[1].StaleSince));
        Assert.Equal(Today, after.Pieces[1].WouldDo[0].IssuedOnOrAfter);
    }

    [Fact]
    public void a_rule_that_is_shown_to_people_is_there_in_english_too() => Assert.All(
        ShippedCatalogue.Loaded.Deadlines.Select(deadline => deadline.Rule)
            .Concat(ShippedCatalogue.Loaded.Procedures.Where(procedure => procedure.ClosedList is not null).Select(procedure => procedure.ClosedList!.Article)),
        rule => Assert.False(string.IsNullOrWhiteSpace(rule.TextEn), rule.Text));

    private static HeldEvidence Bill => Held(1, "proof-of-address") with { IssuedOn = Today.AddDays(-20) };

    private static HeldEvidence Book => Held(2, "family-record-book") with { IssuedOn = Today.AddYears(-5) };

    private static HeldEvidence Notice => Held(3, "tax-notice") with { Period = "2025" };

    private static HeldEvidence Record => Held(4, "vaccination-record") with { IssuedOn = Today.AddYears(-1) };

    private static HeldEvidence Card => Held(5, "identity-card") with { ExpiresOn = Today.AddYears(3) };

    private static HeldEvidence Caf(DateOnly issued) => Held(6, "family-benefits-certificate") with { IssuedOn = issued };

    private static HeldEvidence Held(byte id, string type) => new(new Guid(id, 0, 0, new byte[8]), 1, type, null, null, null, Today, null);

    private static Procedure Procedure(string code) => ShippedCatalogue.Loaded.FindProcedure(code)!;

    private static Evaluation Check(string procedure, IReadOnlyList<HeldEvidence> held, params string[] flags) =>
        Requirements.Evaluate(Procedure(procedure), held, Situation.Of(flags), Today);
}
