using CoffreFort.EventStore;
using CoffreFort.Server.Edges.Blobs;

namespace CoffreFort.Server.Hosting;

public sealed class JournalReadiness(Journal journal) : IReadinessPart
{
    public const string Unavailable = "journal-unavailable";

    public string Name => "journal";

    public async Task<ReadinessReport> LookAsync(CancellationToken cancellation)
    {
        try
        {
            var head = await journal.HeadAsync(cancellation);
            return new ReadinessReport(new { size = head.Size, lastTimestamp = head.Size > 0 ? head.LastTimestamp : (DateTimeOffset?)null }, []);
        }
        catch (JournalUnavailableException unavailable)
        {
            return new ReadinessReport(new { fault = unavailable.Message }, [new ReadinessProblem(Unavailable, Name, unavailable.Message)]);
        }
    }
}

public sealed class BlobReadiness(IBlobStore blobs) : IReadinessPart
{
    public string Name => "blobs";

    public async Task<ReadinessReport> LookAsync(CancellationToken cancellation)
    {
        var health = await blobs.ProbeAsync(cancellation);
        if (!health.Writable) return new ReadinessReport(health, [new ReadinessProblem("blobs-not-writable", Name, health.Problem ?? "The blob store can't be written.")]);
        return new ReadinessReport(health, health.KeepsErased is { } kept ? [new ReadinessProblem("erased-blobs-kept", Name, kept, Blocks: false)] : []);
    }
}
