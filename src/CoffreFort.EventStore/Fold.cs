namespace CoffreFort.EventStore;

/// <summary>Folds events into a state.</summary>
public static class Fold
{
    /// <summary>The state after <paramref name="events"/>, and how many of them there were.</summary>
    public static (T State, long Version) Of<T>(IEnumerable<StoredEvent> events)
        where T : class, IAggregate<T>
    {
        ArgumentNullException.ThrowIfNull(events);
        var state = T.Empty;
        long version = 0;
        foreach (var stored in events)
        {
            state = T.Evolve(state, stored.Body);
            version++;
        }

        return (state, version);
    }
}
