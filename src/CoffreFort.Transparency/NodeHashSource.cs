namespace CoffreFort.Transparency;

/// <summary>Where a proof's hashes come from: a list in memory, a table of tiles, files.</summary>
/// <param name="level">The node's height: 0 for leaves, up to 62.</param>
/// <param name="index">
/// The node's place among those of its level, from 0. It covers the leaves from <c>index · 2^level</c> on, 2^<paramref name="level"/> of them;
/// only nodes whose leaves all lie within the proof's tree are asked for.
/// </param>
/// <returns>The node's hash, 32 bytes. A source that does not have it throws.</returns>
public delegate byte[] NodeHashSource(int level, long index);
