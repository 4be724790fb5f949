using CoffreFort.EventStore;
using CoffreFort.Server.Acts;

namespace CoffreFort.Server.Features.Operations;

/// <summary>
/// What the journal says already of the tries to build one version of a view. A view that can't take its place is tried again for as long as it takes, by every
/// node: that it began, and each reason why it failed, is recorded once, until it succeeds or an operator has it tried again.
/// </summary>
/// <param name="Last">The last rebuild of this version that is on record.</param>
/// <param name="Reasons">Why it failed since it began anew.</param>
public sealed record RebuildAttempts(Guid? Last, IReadOnlySet<string> Reasons)
{
    /// <summary>No failure: the server stopped, or was told to.</summary>
    public const string Interrupted = "interrupted";

    /// <param name="acts">The stream of operators' acts.</param>
    /// <param name="view">The view.</param>
    /// <param name="version">The version that is being built.</param>
    public static RebuildAttempts Of(IEnumerable<StoredEvent> acts, string view, int version)
    {
        var (rebuilds, reasons, last) = (new HashSet<Guid>(), new HashSet<string>(StringComparer.Ordinal), default(Guid?));
        foreach (var stored in acts)
        {
            switch (stored.Body)
            {
                case ViewRebuildStarted started when started.View == view && started.Version == version:
                    rebuilds.Add((Guid)(last = started.Rebuild));
                    if (stored.Header("channel") != Channels.Worker) reasons.Clear();
                    break;
                case ViewRebuildFailed failed when rebuilds.Contains(failed.Rebuild) && failed.Reason != Interrupted:
                    reasons.Add(failed.Reason);
                    break;
                case ViewRebuilt rebuilt when rebuilt.View == view:
                case PoisonEventRetried retried when retried.Subscription == view:
                    reasons.Clear();
                    break;
            }
        }

        return new RebuildAttempts(last, reasons);
    }
}
