namespace CoffreFort.Server.Catalogue;

/// <summary>How one held version stands against a list of freshness shapes on one day.</summary>
/// <param name="Usable">False when a period label is too recent: no date can make up for it.</param>
/// <param name="End">The first day on which it is no longer fresh; null when nothing known ends it.</param>
internal sealed record FreshnessVerdict(bool Usable, DateOnly? End, int NewestPeriod, IReadOnlyList<Assumption> Assumptions)
{
    /// <summary>
    /// Judges by the latest dates that the document could have. Where the issue date is not stated, the document is at least as old as its deposit:
    /// past the limit it is stale for certain, before the limit it may still be too old, which is an assumption and is said to be one. Likewise where
    /// the period is not stated, or can't be read: at best it is the newest one that the procedure accepted on the day of deposit.
    /// </summary>
    internal static FreshnessVerdict Judge(HeldEvidence held, IReadOnlyList<Freshness> shapes, Situation situation, DateOnly asOf)
    {
        var judged = shapes.Select(shape => JudgeShape(held, shape, situation, asOf)).ToList();
        var ends = judged.Select(one => one.End).Append(held.InvalidatedOn).OfType<DateOnly>().ToList();
        return new(
            judged.All(one => one.Usable),
            ends.Count == 0 ? null : ends.Min(),
            judged.Select(one => one.NewestPeriod).DefaultIfEmpty().Max(),
            [.. judged.SelectMany(one => one.Assumptions).Distinct().Order()]);
    }

    internal static DateOnly? IssuedOn(HeldEvidence held) => held.IssuedOn <= held.DepositedOn ? held.IssuedOn : null;

    internal static DateOnly ReferenceDay(HeldEvidence held) => IssuedOn(held) ?? held.DepositedOn;

    private static FreshnessVerdict Good(DateOnly? end, params IEnumerable<Assumption> assumptions) => new(true, end, 0, [.. assumptions]);

    private static FreshnessVerdict JudgeShape(HeldEvidence held, Freshness shape, Situation situation, DateOnly asOf) => shape switch
    {
        FixedEnd fixedEnd => JudgeEnd(held, fixedEnd, asOf),
        AgeAtFiling age => Good(ReferenceDay(held).AddMonths(age.Months), IssueDateUnknown(held)),
        PeriodLabel period => JudgePeriod(held, period, asOf),
        UntilEvent untilEvent => JudgeEvents(held, untilEvent, situation, asOf),
        _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, "unknown freshness shape"),
    };

    private static IEnumerable<Assumption> IssueDateUnknown(HeldEvidence held) => IssuedOn(held) is null ? [Assumption.IssueDateNotStated] : [];

    private static FreshnessVerdict JudgeEnd(HeldEvidence held, FixedEnd shape, DateOnly asOf)
    {
        if (held.ExpiresOn is not { } lastDay)
        {
            return shape.ValidityMonths is { } months
                ? Good(ReferenceDay(held).AddMonths(months), [Assumption.EndDateNotStated, .. IssueDateUnknown(held)])
                : Good(null, Assumption.EndDateNotStated);
        }

        // "No end" is often written as the calendar's last day, after which nothing comes.
        if (lastDay == DateOnly.MaxValue) return Good(null);
        var printedEnd = lastDay.AddDays(1);
        var extension = shape.Extensions.FirstOrDefault(one => IssuedOn(held) >= one.IssuedFrom && IssuedOn(held) <= one.IssuedTo);
        return extension is not null && asOf >= printedEnd
            ? Good(lastDay.AddMonths(extension.Months).AddDays(1), Assumption.ProlongedByALaterText)
            : Good(printedEnd);
    }

    private static FreshnessVerdict JudgePeriod(HeldEvidence held, PeriodLabel shape, DateOnly asOf)
    {
        var stated = Period.Parse(shape.Unit, held.Period);
        var period = stated ?? Period.Of(shape.Unit, held.DepositedOn) - shape.NewestBack;
        var tooRecent = Period.Of(shape.Unit, asOf) - period < shape.NewestBack;
        return tooRecent
            ? new(false, null, 0, [])
            : new(true, Period.FirstDay(shape.Unit, period + shape.OldestBack + 1), period, stated is null ? [Assumption.PeriodNotStated] : []);
    }

    private static FreshnessVerdict JudgeEvents(HeldEvidence held, UntilEvent shape, Situation situation, DateOnly asOf)
    {
        var days = shape.Events.Where(situation.Events.ContainsKey).Select(code => situation.Events[code]).ToList();
        var after = days.Where(day => day > ReferenceDay(held)).ToList();
        var couldPredateAnEvent = IssuedOn(held) is null && days.Exists(day => day <= held.DepositedOn && day <= asOf);
        return Good(after.Count == 0 ? null : after.Min(), couldPredateAnEvent ? [Assumption.IssueDateNotStated] : []);
    }
}
