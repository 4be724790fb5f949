namespace CoffreFort.Server.Edges.Witness;

/// <summary>
/// Somebody else who saw the log's earlier checkpoints and cosigns a new one only if it continues them (C2SP tlog-witness): what an operator who
/// rewrites the journal can't get around.
/// </summary>
/// <remarks>Thread safe.</remarks>
public interface IWitness
{
    /// <summary>The name in its signature line.</summary>
    string Name { get; }

    /// <summary>
    /// Asks for a cosignature. Asking again for the same checkpoint is harmless: it gives another cosignature of the same tree. Never throws for
    /// what a witness or the network does; a cosignature that comes back was verified.
    /// </summary>
    /// <param name="checkpoint">The signed note, with the log's signature, exactly as it will be published.</param>
    /// <param name="size">The tree size that the note states.</param>
    /// <param name="proofs">Makes the consistency proof from the size that the witness knows.</param>
    /// <param name="cancellation">Gives up waiting; the witness may have cosigned all the same.</param>
    Task<WitnessAnswer> CosignAsync(string checkpoint, long size, ConsistencyProofs proofs, CancellationToken cancellation);
}
