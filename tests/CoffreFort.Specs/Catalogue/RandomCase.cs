using System.Collections.Immutable;
using CoffreFort.Server.Catalogue;
using FsCheck;
using FsCheck.Fluent;

namespace CoffreFort.Specs.Catalogue;

/// <summary>A small vault, a small expression and a day, made so that dates fall around their limits.</summary>
internal sealed record RandomCase(Requirement Requirement, IReadOnlyList<HeldEvidence> Held, Situation Situation, DateOnly AsOf)
{
    private static readonly string[] Types = ["a", "b", "c", "d", "e"];
    private static readonly Sensitivity[] Sensitivities = [Sensitivity.Ordinary, Sensitivity.FinancialOrFamily, Sensitivity.HealthJusticeOrDefence, Sensitivity.Ordinary, Sensitivity.FinancialOrFamily];

    private static readonly Gen<string?> Label = Gen.Elements<string?>(null, "2024", "2025", "2026", "2026-01", "2026-02", "2026-03", "2025-2026", "2024-2025", "2026-2027", "2026-13", "nonsense");

    internal static Arbitrary<RandomCase> Any => Generator.ToArbitrary();

    private static Gen<DateOnly> Day => Gen.OneOf(
        Gen.Choose(-500, 120).Select(days => new DateOnly(2026, 3, 31).AddDays(days)),
        Gen.Elements(new DateOnly(2025, 12, 31), new DateOnly(2026, 1, 1), new DateOnly(2025, 11, 30), new DateOnly(2026, 2, 28), new DateOnly(2025, 8, 31)));

    private static Gen<Freshness> Shape => Gen.OneOf<Freshness>(
        Gen.Choose(1, 13).Select(Freshness (months) => new AgeAtFiling(months)),
        Gen.Elements<int?>(null, 3, 12).Select(Freshness (months) => new FixedEnd(months, [new(new(2025, 1, 1), new(2025, 6, 30), 6)])),
        from unit in Gen.Elements(PeriodUnit.Year, PeriodUnit.Month, PeriodUnit.SchoolYear)
        from newest in Gen.Choose(-1, 1)
        from more in Gen.Choose(0, 2)
        select (Freshness)new PeriodLabel(unit, newest, newest + more),
        Gen.Elements<string[]>(["m"], ["n"], ["m", "n"]).Select(Freshness (events) => new UntilEvent(events)));

    private static Gen<IReadOnlyList<Freshness>> Shapes => Gen.Choose(0, 2).SelectMany(count => Shape.ListOf(count)).Select(IReadOnlyList<Freshness> (list) => [.. list]);

    private static Gen<RandomCase> Generator =>
        from requirement in Expression(2)
        from count in Gen.Choose(0, 4)
        from held in Document.ListOf(count)
        from flags in Gen.SubListOf("x", "y")
        from declined in Gen.SubListOf("p", "q")
        from moved in Optional(Day)
        from born in Optional(Day)
        from asOf in Day
        select new RandomCase(
            requirement,
            [.. held.Select((one, index) => one with { Document = new Guid(index / 2, 0, 0, new byte[8]), Version = index + 1 })],
            new Situation([.. flags], Events(moved, born), [.. declined]),
            asOf);

    private static Gen<HeldEvidence> Document =>
        from type in Gen.Elements(Types)
        from deposited in Day
        from issued in Optional(Day)
        from expires in Optional(Day)
        from label in Label
        from invalidated in Gen.Frequency((4, Gen.Constant<DateOnly?>(null)), (1, Day.Select(DateOnly? (day) => day)))
        select new HeldEvidence(Guid.Empty, 0, type, issued, expires, label, deposited, invalidated);

    private static Gen<Requirement> Leaf =>
        from type in Gen.Choose(0, 4)
        from shapes in Shapes
        from other in Gen.Choose(1, 4)
        from otherShapes in Shapes
        from substitutes in Gen.Elements(0, 0, 1)
        let instead = (type + other) % 5
        select (Requirement)new EvidenceNeeded(
            Types[type],
            shapes,
            substitutes == 0 ? [] : [new Substitute(Types[instead], otherShapes, Sensitivities[instead])],
            null,
            Sensitivities[type]);

    private static Gen<DateOnly?> Optional(Gen<DateOnly> day) => Gen.Frequency((1, Gen.Constant<DateOnly?>(null)), (2, day.Select(DateOnly? (one) => one)));

    private static ImmutableDictionary<string, DateOnly> Events(DateOnly? moved, DateOnly? born)
    {
        var events = ImmutableDictionary<string, DateOnly>.Empty;
        events = moved is { } move ? events.Add("m", move) : events;
        return born is { } birth ? events.Add("n", birth) : events;
    }

    private static Gen<Requirement> Expression(int depth) => depth == 0 ? Leaf : Gen.Frequency((1, Leaf), (4, Composite(depth)));

    private static Gen<Requirement> Composite(int depth) =>
        from size in Gen.Choose(1, 3)
        from parts in Expression(depth - 1).ListOf(size)
        from count in Gen.Choose(1, size)
        from flag in Gen.Elements("x", "y")
        from choice in Gen.Elements("p", "q", "r")
        from kind in Gen.Choose(0, 6)
        select (Requirement)(kind switch
        {
            0 => new AllOf([.. parts]),
            1 => new AnyOf([.. parts]),
            2 => new ExactlyOf(count, [.. parts]),
            3 => new AtLeastOf(count, [.. parts]),
            4 => new WhenSituation(flag, parts[0]),
            5 => new WhenSituation(flag, parts[0], parts[^1]),
            _ => new MayDecline(choice, parts[0], new("effet", "effect"), new("règle", "source", null, RuleStanding.Inferred)),
        });
}
