namespace CoffreFort.EventStore;

/// <summary>What a decision rests on.</summary>
/// <param name="Now">Journal time at the fetch.</param>
/// <param name="State">The fold.</param>
/// <param name="Version">How many events were folded.</param>
/// <param name="ActualVersion">How many events there are; more, if the stream is of another kind.</param>
internal sealed record FetchedState<T>(DateTimeOffset Now, T State, long Version, long ActualVersion);
