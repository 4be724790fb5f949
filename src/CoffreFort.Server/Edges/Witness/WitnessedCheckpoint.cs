namespace CoffreFort.Server.Edges.Witness;

/// <summary>A checkpoint after all witnesses were asked.</summary>
/// <param name="Note">The signed note with every cosignature that came; publish it only if <paramref name="Missing"/> is empty or no witness is required.</param>
/// <param name="Missing">Whose cosignature did not come, and why.</param>
public sealed record WitnessedCheckpoint(string Note, IReadOnlyList<MissingCosignature> Missing);
