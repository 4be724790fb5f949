namespace CoffreFort.Server.Edges.Witness;

/// <summary>A witness that did not cosign.</summary>
/// <param name="Witness">Its name.</param>
/// <param name="Answer">Anything but <see cref="WitnessAnswer.Cosigned"/>.</param>
public sealed record MissingCosignature(string Witness, WitnessAnswer Answer);
