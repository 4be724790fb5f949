namespace CoffreFort.EventStore;

/// <summary>How a subscription's tables are built anew. Immutable.</summary>
public sealed record RebuildOptions
{
    /// <summary>Goes on with what an interrupted rebuild of the same version left; else begins with the first event.</summary>
    public bool Resume { get; init; }

    /// <summary>Tries the events that were skipped by decision once more, and forgets those decisions if it succeeds; else it passes over them too.</summary>
    public bool RetrySkipped { get; init; }

    /// <summary>Called once nobody else can rebuild it, before anything is built; what it throws ends the rebuild.</summary>
    public Func<Task>? Begun { get; init; }

    /// <summary>Told now and then how far it has come, and of how many.</summary>
    public IProgress<(long Done, long Size)>? Progress { get; init; }
}
