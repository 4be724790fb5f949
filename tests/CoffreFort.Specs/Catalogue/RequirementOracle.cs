using CoffreFort.Server.Catalogue;

namespace CoffreFort.Specs.Catalogue;

/// <summary>
/// The algebra once more, by brute force: every way through the expression with every document is tried, and the cheapest is the answer.
/// It shares no code with the evaluator; dates are found by asking "is it bad by this day?" and halving, not by adding months.
/// </summary>
internal sealed class RequirementOracle(IReadOnlyList<HeldEvidence> held, Situation situation, DateOnly asOf)
{
    internal sealed record Line(string Asked, string Type, PieceStatus Status, Guid? Document, int? Version, DateOnly? StaleSince, bool Assumed, Sensitivity Sensitivity);

    private static readonly DateOnly Latest = new(2200, 1, 1);

    internal static (int Unmet, int Missing, int NotSupplied, int Assumed, int S3, int S2, int S1) Cost(IReadOnlyCollection<Line> way, int declined)
    {
        var due = way.Where(line => line.Status != PieceStatus.NotSupplied).ToList();
        return (due.Count(line => line.Status != PieceStatus.Satisfied), due.Count(line => line.Status == PieceStatus.Missing), declined, due.Count(line => line.Assumed),
            due.Count(line => line.Sensitivity == Sensitivity.HealthJusticeOrDefence), due.Count(line => line.Sensitivity == Sensitivity.FinancialOrFamily), due.Count(line => line.Sensitivity == Sensitivity.Ordinary));
    }

    internal IEnumerable<(List<Line> Lines, int Declined)> Ways(Requirement requirement) => requirement switch
    {
        AllOf all => Product([.. all.Of]),
        AnyOf any => Subsets([.. any.Of], 1).SelectMany(Product),
        AtLeastOf some => Subsets([.. some.Of], some.Count).SelectMany(Product),
        ExactlyOf some => Subsets([.. some.Of], some.Count).SelectMany(Product),
        WhenSituation either when situation.Flags.Contains(either.Situation) => Ways(either.Then),
        WhenSituation { Otherwise: { } otherwise } => Ways(otherwise),
        WhenSituation => [([], 0)],
        MayDecline choice => WaysOrNone(choice),
        EvidenceNeeded leaf => Leaf(leaf).Select(line => (new List<Line> { line }, 0)),
        _ => throw new InvalidOperationException("a requirement that the oracle does not know"),
    };

    private IEnumerable<(List<Line> Lines, int Declined)> WaysOrNone(MayDecline choice)
    {
        if (!situation.Declined.Contains(choice.Choice))
        {
            foreach (var way in Ways(choice.Of).Where(way => way.Lines.All(line => line.Status is PieceStatus.Satisfied or PieceStatus.NotSupplied)))
                yield return way;
        }

        yield return ([], 1);
    }

    private static IEnumerable<List<Requirement>> Subsets(List<Requirement> parts, int size) =>
        Enumerable.Range(0, 1 << parts.Count)
            .Where(mask => int.PopCount(mask) == size)
            .Select(mask => parts.Where((_, index) => (mask >> index & 1) == 1).ToList());

    private IEnumerable<(List<Line> Lines, int Declined)> Product(List<Requirement> parts) => parts.Aggregate(
        (IEnumerable<(List<Line> Lines, int Declined)>)[([], 0)],
        (ways, part) => ways.SelectMany(_ => Ways(part), (way, more) => (new List<Line>([.. way.Lines, .. more.Lines]), way.Declined + more.Declined)));

    private List<Line> Leaf(EvidenceNeeded leaf)
    {
        var accepted = new List<(string Type, IReadOnlyList<Freshness> Shapes, Sensitivity Sensitivity)> { (leaf.EvidenceType, leaf.Freshness!, leaf.Sensitivity) };
        accepted.AddRange(leaf.Substitutes.Select(one => (one.EvidenceType, one.Freshness!, one.Sensitivity)));
        List<(Line Line, int Order, HeldEvidence Held)> fresh = [];
        List<(Line Line, int Order, HeldEvidence Held)> stale = [];
        for (var order = 0; order < accepted.Count; order++)
        {
            var (type, shapes, sensitivity) = accepted[order];
            foreach (var document in held.Where(one => one.EvidenceType == type && one.DepositedOn <= asOf))
            {
                if (shapes.OfType<PeriodLabel>().Any(shape => !Usable(document, shape)))
                    continue;
                var end = shapes.Select(shape => FirstBadDay(document, shape)).Append(document.InvalidatedOn ?? Latest).Min();
                if (end > asOf)
                    fresh.Add((new(leaf.EvidenceType, type, PieceStatus.Satisfied, document.Document, document.Version, null, shapes.Any(shape => Assumed(document, shape)), sensitivity), order, document));
                else
                    stale.Add((new(leaf.EvidenceType, type, PieceStatus.Stale, document.Document, document.Version, end, false, sensitivity), order, document));
            }
        }

        if (fresh.Count > 0)
        {
            var least = fresh.Min(one => (one.Line.Sensitivity, one.Order));
            var rivals = fresh.Where(one => (one.Line.Sensitivity, one.Order) == least).ToList();
            return [.. rivals.Where(one => rivals.TrueForAll(other => !IsNewer(other.Held, one.Held, accepted[one.Order].Shapes))).Select(one => one.Line)];
        }

        if (stale.Count == 0)
            return [new(leaf.EvidenceType, leaf.EvidenceType, PieceStatus.Missing, null, null, null, false, leaf.Sensitivity)];
        var last = stale.Max(one => one.Line.StaleSince);
        var first = stale.Where(one => one.Line.StaleSince == last).Min(one => one.Order);
        return [.. stale.Where(one => one.Line.StaleSince == last && one.Order == first).Select(one => one.Line)];
    }

    private static DateOnly Age0(HeldEvidence document) => document.IssuedOn is { } issued && issued <= document.DepositedOn ? issued : document.DepositedOn;

    private static bool DateUnknown(HeldEvidence document) => document.IssuedOn is null || document.IssuedOn > document.DepositedOn;

    /// <summary>Newer by period, else by deposit, else by its time-ordered id, else by version.</summary>
    private static bool IsNewer(HeldEvidence one, HeldEvidence other, IReadOnlyList<Freshness> shapes)
    {
        string Label(HeldEvidence document) => shapes.OfType<PeriodLabel>().Select(shape => LabelOf(document, shape)).DefaultIfEmpty("").Max(StringComparer.Ordinal)!;
        int[] order =
        [
            string.CompareOrdinal(Label(one), Label(other)), one.DepositedOn.CompareTo(other.DepositedOn),
            one.Document.CompareTo(other.Document), one.Version.CompareTo(other.Version),
        ];
        return order.FirstOrDefault(sign => sign != 0) > 0;
    }

    private static string LabelOf(HeldEvidence document, PeriodLabel shape) =>
        document.Period is { } label && IsLabel(shape.Unit, label) ? label : PeriodsBack(shape.Unit, document.DepositedOn, shape.NewestBack);

    private bool Usable(HeldEvidence document, PeriodLabel shape)
    {
        var newest = PeriodsBack(shape.Unit, asOf, shape.NewestBack);
        return string.CompareOrdinal(LabelOf(document, shape), newest) <= 0;
    }

    private static bool IsLabel(PeriodUnit unit, string label) => unit switch
    {
        PeriodUnit.Year => label.Length == 4 && label.All(char.IsAsciiDigit),
        PeriodUnit.Month => DateOnly.TryParseExact(label + "-01", "yyyy-MM-dd", out _),
        _ => label.Length == 9 && label[4] == '-' && int.TryParse(label[..4], out var from) && int.TryParse(label[5..], out var to) && to == from + 1,
    };

    private static string PeriodsBack(PeriodUnit unit, DateOnly day, int back)
    {
        var then = unit == PeriodUnit.Month ? new DateOnly(day.Year, day.Month, 1).AddMonths(-back) : day.AddMonths(unit == PeriodUnit.SchoolYear ? -8 : 0).AddYears(-back);
        return unit switch
        {
            PeriodUnit.Year => $"{then.Year:D4}",
            PeriodUnit.Month => $"{then.Year:D4}-{then.Month:D2}",
            _ => $"{then.Year:D4}-{then.Year + 1:D4}",
        };
    }

    private bool BadBy(HeldEvidence document, Freshness shape, DateOnly day) => shape switch
    {
        FixedEnd { ValidityMonths: { } months } when document.ExpiresOn is null => WholeMonths(Age0(document), day) >= months,
        FixedEnd => document.ExpiresOn < day && !Prolonged(document, (FixedEnd)shape, day),
        AgeAtFiling age => WholeMonths(Age0(document), day) >= age.Months,
        PeriodLabel period => string.CompareOrdinal(LabelOf(document, period), PeriodsBack(period.Unit, day, period.OldestBack)) < 0,
        UntilEvent until => until.Events.Any(code => situation.Events.TryGetValue(code, out var happened) && happened > Age0(document) && happened <= day),
        _ => throw new InvalidOperationException("a shape that the oracle does not know"),
    };

    private static bool Prolonged(HeldEvidence document, FixedEnd shape, DateOnly day) =>
        !DateUnknown(document) && shape.Extensions.Any(one => one.IssuedFrom <= document.IssuedOn && document.IssuedOn <= one.IssuedTo && day <= document.ExpiresOn!.Value.AddMonths(one.Months));

    private static int WholeMonths(DateOnly from, DateOnly to)
    {
        var months = (to.Year - from.Year) * 12 + to.Month - from.Month;
        var anniversary = Math.Min(from.Day, DateTime.DaysInMonth(to.Year, to.Month));
        return to.Day < anniversary ? months - 1 : months;
    }

    private DateOnly FirstBadDay(HeldEvidence document, Freshness shape)
    {
        var (good, bad) = (new DateOnly(1990, 1, 1).DayNumber, Latest.DayNumber);
        while (bad - good > 1)
        {
            var middle = (good + bad) / 2;
            if (BadBy(document, shape, DateOnly.FromDayNumber(middle)))
                bad = middle;
            else
                good = middle;
        }

        return DateOnly.FromDayNumber(bad);
    }

    private bool Assumed(HeldEvidence document, Freshness shape) => shape switch
    {
        AgeAtFiling => DateUnknown(document),
        PeriodLabel period => document.Period is not { } label || !IsLabel(period.Unit, label),
        FixedEnd => document.ExpiresOn is not { } end || end < asOf,
        UntilEvent until => DateUnknown(document) && until.Events.Any(code => situation.Events.TryGetValue(code, out var happened) && happened <= document.DepositedOn),
        _ => false,
    };
}
