namespace CoffreFort.EventStore;

/// <summary>A stream as this node remembers it.</summary>
/// <typeparam name="T">The state.</typeparam>
/// <param name="State">The stream's state at <paramref name="Version"/>: that it was so never changes.</param>
/// <param name="Version">The version; the stream may have moved on since.</param>
public sealed record RecalledState<T>(T State, long Version)
    where T : class, IAggregate<T>;
