using System.Diagnostics.Metrics;

namespace CoffreFort.EventStore;

/// <summary>What this node's writer does, as <see cref="Meter"/> "CoffreFort.EventStore". No tag holds anything of an event.</summary>
internal static class JournalMetrics
{
    private static readonly Meter meter = new("CoffreFort.EventStore");

    private static readonly Counter<long> events = meter.CreateCounter<long>("coffrefort.journal.events", description: "Events appended by this node.");

    private static readonly Counter<long> appends = meter.CreateCounter<long>("coffrefort.journal.appends", description: "Appends decided by this node's writer.");

    private static readonly Histogram<long> groups = meter.CreateHistogram(
        "coffrefort.journal.group.appends", description: "Appends that shared a transaction.",
        advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });

    private static readonly Histogram<double> durations = meter.CreateHistogram(
        "coffrefort.journal.append.duration", "s", "From handing in an append to its being durable.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15] });

    private static readonly KeyValuePair<string, object?> accepted = new("outcome", "accepted");
    private static readonly KeyValuePair<string, object?> conflict = new("outcome", "conflict");
    private static readonly KeyValuePair<string, object?> refused = new("outcome", "refused");

    public static void Record(AppendGroup group)
    {
        if (!appends.Enabled) return;
        appends.Add(group.Accepted.Count, accepted);
        foreach (var (_, reason) in group.Refused) appends.Add(1, reason is ConcurrencyException ? conflict : refused);
        events.Add(group.Events.Count);
        groups.Record(group.Accepted.Count + group.Refused.Count);
        foreach (var (append, _) in group.Accepted) durations.Record(append.Waited.TotalSeconds);
    }
}
