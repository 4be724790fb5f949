namespace CoffreFort.Server.Edges.Witness;

/// <summary>All configured witnesses. Thread safe.</summary>
/// <param name="all">The witnesses; none is allowed.</param>
/// <param name="required">Whether a checkpoint that lacks one of their cosignatures must not be published.</param>
public sealed class Witnesses(IReadOnlyList<IWitness> all, bool required)
{
    /// <summary>Whether a checkpoint that lacks one of their cosignatures must not be published.</summary>
    public bool Required => required;

    public int Count => all.Count;

    /// <summary>Asks all of them at once, and appends the cosignatures that came.</summary>
    /// <inheritdoc cref="IWitness.CosignAsync"/>
    public async Task<WitnessedCheckpoint> CosignAsync(string checkpoint, long size, ConsistencyProofs proofs, CancellationToken cancellation)
    {
        var answers = await Task.WhenAll(all.Select(witness => witness.CosignAsync(checkpoint, size, proofs, cancellation)));
        return new WitnessedCheckpoint(
            checkpoint + string.Concat(answers.OfType<WitnessAnswer.Cosigned>().Select(answer => answer.SignatureLine)),
            [.. all.Zip(answers).Where(pair => pair.Second is not WitnessAnswer.Cosigned).Select(pair => new MissingCosignature(pair.First.Name, pair.Second))]);
    }
}
