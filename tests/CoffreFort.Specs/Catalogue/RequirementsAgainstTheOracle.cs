using CoffreFort.Server.Catalogue;
using FsCheck;
using FsCheck.Fluent;

namespace CoffreFort.Specs.Catalogue;

public sealed class RequirementsAgainstTheOracle
{
    private static readonly Config Cases = Config.QuickThrowOnFailure.WithMaxTest(4000);

    [Fact]
    [Trait("Requirement", "R-008")]
    public void every_answer_is_one_of_the_cheapest_ways_that_brute_force_finds()
    {
        Dictionary<PieceStatus, int> seen = [];
        var (complete, incomplete) = (0, 0);
        Prop.ForAll(RandomCase.Any, one =>
        {
            var answer = Requirements.Evaluate(one.Requirement, one.Held, one.Situation, one.AsOf);
            var ways = new RequirementOracle(one.Held, one.Situation, one.AsOf).Ways(one.Requirement)
                .Select(way => (way.Lines, Cost: RequirementOracle.Cost(way.Lines, way.Declined)))
                .ToList();
            var cheapest = ways.Min(way => way.Cost);
            var given = Due(answer);

            Assert.Equal(cheapest.Unmet == 0, answer.Complete);
            Assert.Contains(ways, way => way.Cost == cheapest && Same(way.Lines, given));
            foreach (var piece in answer.Pieces)
                seen[piece.Status] = seen.GetValueOrDefault(piece.Status) + 1;
            _ = answer.Complete ? complete++ : incomplete++;
        }).Check(Cases);

        // A generator that never reaches a status would prove nothing about it.
        Assert.All(Enum.GetValues<PieceStatus>(), status => Assert.True(seen.GetValueOrDefault(status) > 100, $"{status}: {seen.GetValueOrDefault(status)}"));
        Assert.True(complete > 400 && incomplete > 400, $"{complete} complete, {incomplete} not");
    }

    [Fact]
    public void the_order_of_the_vault_changes_nothing() => Prop.ForAll(RandomCase.Any, one =>
    {
        var forward = Requirements.Evaluate(one.Requirement, one.Held, one.Situation, one.AsOf);
        var backward = Requirements.Evaluate(one.Requirement, [.. one.Held.Reverse()], one.Situation, one.AsOf);
        Assert.Equal(Due(forward), Due(backward));
    }).Check(Cases);

    [Fact]
    public void a_piece_is_never_both_due_and_not_due() => Prop.ForAll(RandomCase.Any, one =>
    {
        var pieces = Requirements.Evaluate(one.Requirement, one.Held, one.Situation, one.AsOf).Pieces;
        var due = pieces.Where(piece => piece.Status != PieceStatus.NotDue).Select(piece => piece.EvidenceType);
        Assert.DoesNotContain(pieces, piece => piece.Status == PieceStatus.NotDue && due.Contains(piece.Asked));
    }).Check(Cases);

    [Fact]
    public void what_would_do_does_it_and_a_day_earlier_would_not() => Prop.ForAll(RandomCase.Any, one =>
    {
        foreach (var leaf in Leaves(one.Requirement).Where(leaf => leaf.Freshness!.Count <= 1))
        {
            var remedy = Requirements.Evaluate(leaf, [], one.Situation, one.AsOf).Pieces[0].WouldDo[0];
            var supplied = New(remedy, remedy.IssuedOnOrAfter ?? one.AsOf, one.AsOf);
            Assert.Equal(PieceStatus.Satisfied, Requirements.Evaluate(leaf, [supplied], one.Situation, one.AsOf).Pieces[0].Status);
            if (remedy.IssuedOnOrAfter is { } earliest)
                Assert.Equal(PieceStatus.Stale, Requirements.Evaluate(leaf with { Substitutes = [] }, [supplied with { IssuedOn = earliest.AddDays(-1) }], one.Situation, one.AsOf).Pieces[0].Status);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static HeldEvidence New(Remedy remedy, DateOnly issued, DateOnly asOf) =>
        new(Guid.Empty, 1, remedy.EvidenceType, issued, remedy.ValidOn, remedy.Periods.Count > 0 ? remedy.Periods[0] : null, asOf, null);

    private static IEnumerable<EvidenceNeeded> Leaves(Requirement requirement) => requirement switch
    {
        AllOf all => all.Of.SelectMany(Leaves),
        AnyOf any => any.Of.SelectMany(Leaves),
        ExactlyOf some => some.Of.SelectMany(Leaves),
        AtLeastOf some => some.Of.SelectMany(Leaves),
        WhenSituation either => Leaves(either.Then),
        MayDecline choice => Leaves(choice.Of),
        EvidenceNeeded leaf => [leaf],
        _ => [],
    };

    private static List<(string, string, PieceStatus, Guid?, int?, DateOnly?, bool)> Due(Evaluation answer) =>
        [.. answer.Pieces
            .Where(piece => piece.Status is not (PieceStatus.NotDue or PieceStatus.NotSupplied))
            .Select(piece => (piece.Asked, piece.EvidenceType, piece.Status, piece.Document, piece.Version, piece.StaleSince, piece.Assumptions.Count > 0))];

    private static bool Same(IEnumerable<RequirementOracle.Line> lines, IEnumerable<(string, string, PieceStatus, Guid?, int?, DateOnly?, bool)> given) =>
        lines.Select(line => (line.Asked, line.Type, line.Status, line.Document, line.Version, line.StaleSince, line.Assumed)).SequenceEqual(given);
}
