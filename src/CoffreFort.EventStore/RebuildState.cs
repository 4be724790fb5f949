namespace CoffreFort.EventStore;

/// <summary>A set of tables that is being built anew, or whose building was interrupted.</summary>
/// <param name="Version">The version of the subscription that builds it.</param>
/// <param name="Position">How far it has come.</param>
/// <param name="Node">Who builds it now; null when it was interrupted.</param>
public sealed record RebuildState(int Version, long Position, string? Node);
