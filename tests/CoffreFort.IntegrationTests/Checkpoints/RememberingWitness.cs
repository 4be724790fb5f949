using CoffreFort.Server.Edges.Witness;
using CoffreFort.Transparency;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>A witness in memory: it cosigns what continues what it has cosigned.</summary>
internal sealed class RememberingWitness : IWitness
{
    private (long Size, byte[] Root) known = (0, []);

    public string Name => "memory.example";

    public async Task<WitnessAnswer> CosignAsync(string checkpoint, long size, ConsistencyProofs proofs, CancellationToken cancellation)
    {
        var offered = Checkpoint.Parse(SignedNote.Parse(System.Text.Encoding.UTF8.GetBytes(checkpoint)).Text);
        if (size < known.Size) return new WitnessAnswer.Ahead(known.Size);
        var proof = known.Size == 0 ? [] : await proofs(known.Size, size, cancellation);
        if (known.Size > 0 && !ConsistencyProof.Verify(known.Size, size, known.Root, offered.Root.Span, proof)) return new WitnessAnswer.Forked("It does not continue what I cosigned.");
        known = (size, offered.Root.ToArray());
        return new WitnessAnswer.Cosigned($"{new NoteSignature(Name, 1, [1])}\n");
    }
}
