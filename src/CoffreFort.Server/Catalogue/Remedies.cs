namespace CoffreFort.Server.Catalogue;

/// <summary>What would satisfy a leaf, in concrete dates and labels.</summary>
internal static class Remedies
{
    internal static Remedy Deposit(AcceptedType accepted, Situation situation, DateOnly asOf)
    {
        var earliest = accepted.Freshness.Select(shape => EarliestIssue(shape, situation, asOf)).OfType<DateOnly>().ToList();
        return new(
            RemedyKind.Deposit,
            accepted.EvidenceType,
            IssuedOnOrAfter: earliest.Count == 0 ? null : earliest.Max(),
            ValidOn: accepted.Freshness.Any(shape => shape is FixedEnd) ? asOf : null,
            Periods: [.. accepted.Freshness.OfType<PeriodLabel>().SelectMany(shape => Labels(shape, asOf))]);
    }

    /// <summary>What would turn each assumption into knowledge. A prolongation can't be stated away: the agency judges it.</summary>
    internal static IEnumerable<Remedy> State(HeldEvidence held, FreshnessVerdict verdict)
    {
        if (verdict.Assumptions.Contains(Assumption.PeriodNotStated))
            yield return new(RemedyKind.StatePeriod, held.EvidenceType, held.Document, held.Version);
        if (verdict.Assumptions.Contains(Assumption.EndDateNotStated))
            yield return new(RemedyKind.StateEndDate, held.EvidenceType, held.Document, held.Version);
        else if (verdict.Assumptions.Contains(Assumption.IssueDateNotStated))
            yield return new(RemedyKind.StateIssueDate, held.EvidenceType, held.Document, held.Version);
    }

    private static DateOnly? EarliestIssue(Freshness shape, Situation situation, DateOnly asOf)
    {
        if (shape is AgeAtFiling age)
        {
            // Adding months clamps to the month's end, so the subtraction may land a few days early.
            var day = asOf.AddMonths(-age.Months);
            while (day.AddMonths(age.Months) <= asOf)
                day = day.AddDays(1);
            return day;
        }

        var events = shape is UntilEvent untilEvent
            ? untilEvent.Events.Where(situation.Events.ContainsKey).Select(code => situation.Events[code]).Where(day => day <= asOf).ToList()
            : [];
        return events.Count == 0 ? null : events.Max();
    }

    private static IEnumerable<string> Labels(PeriodLabel shape, DateOnly asOf)
    {
        var current = Period.Of(shape.Unit, asOf);
        for (var back = shape.NewestBack; back <= shape.OldestBack; back++)
            yield return Period.Label(shape.Unit, current - back);
    }
}
