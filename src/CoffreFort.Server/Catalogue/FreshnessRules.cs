namespace CoffreFort.Server.Catalogue;

/// <summary>Checks freshness shapes, wherever they stand.</summary>
internal sealed class FreshnessRules(FaultList faults, HashSet<string> events)
{
    private const int LongestMonths = 1200;

    /// <param name="unit">How the evidence type writes its period label; null when it has none.</param>
    internal void Check(IReadOnlyList<Freshness> shapes, PeriodUnit? unit, string path)
    {
        foreach (var (shape, shapePath) in faults.Each(shapes, path))
        {
            switch (shape)
            {
                case FixedEnd fixedEnd:
                    CheckEnd(fixedEnd, shapePath);
                    break;
                case AgeAtFiling age:
                    Months(age.Months, shapePath + ".months");
                    break;
                case PeriodLabel period:
                    CheckPeriod(period, unit, shapePath);
                    break;
                case UntilEvent untilEvent:
                    faults.Require(untilEvent.Events.Count > 0, shapePath + ".events", "no event is named. Name at least one, or remove the shape.");
                    foreach (var (code, eventPath) in faults.Each(untilEvent.Events, shapePath + ".events"))
                        faults.Known(code, events, eventPath, "event");
                    break;
            }
        }
    }

    private void CheckEnd(FixedEnd shape, string path)
    {
        if (shape.ValidityMonths is { } months)
            Months(months, path + ".validityMonths");
        foreach (var (extension, extensionPath) in faults.Each(shape.Extensions, path + ".extensions"))
        {
            Months(extension.Months, extensionPath + ".months");
            faults.Require(extension.IssuedFrom <= extension.IssuedTo, extensionPath, "the window ends before it begins. Swap issuedFrom and issuedTo.");
        }
    }

    private void CheckPeriod(PeriodLabel shape, PeriodUnit? unit, string path)
    {
        faults.Require(shape.Unit == unit, path + ".unit", $"the unit {shape.Unit} is not the evidence type's periodUnit. Make both the same.");
        faults.Require(shape.NewestBack is >= -1 and <= LongestMonths, path + ".newestBack", "must be from -1 (the coming period) to 1200.");
        faults.Require(shape.OldestBack >= shape.NewestBack && shape.OldestBack <= LongestMonths, path + ".oldestBack", "must be from newestBack to 1200.");
    }

    private void Months(int months, string path) =>
        faults.Require(months is >= 1 and <= LongestMonths, path, $"{months} months is out of range. Give 1 to {LongestMonths}.");
}
