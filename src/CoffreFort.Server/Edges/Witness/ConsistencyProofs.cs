namespace CoffreFort.Server.Edges.Witness;

/// <summary>Makes the proof that the tree of <paramref name="second"/> leaves continues that of <paramref name="first"/>.</summary>
/// <param name="first">The older size, at least 1.</param>
/// <param name="second">The newer size, at least <paramref name="first"/>.</param>
/// <param name="cancellation">Stops the reading.</param>
/// <returns>Hashes of 32 bytes in the order of RFC 9162; none when the sizes are equal.</returns>
public delegate Task<byte[][]> ConsistencyProofs(long first, long second, CancellationToken cancellation);
