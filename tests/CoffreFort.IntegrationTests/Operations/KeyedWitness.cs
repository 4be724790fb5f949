using CoffreFort.Server.Edges.Witness;
using CoffreFort.Transparency;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>A witness in this process whose cosignatures verify: it signs whatever it is shown, with a key of its own.</summary>
internal sealed class KeyedWitness : IWitness, IDisposable
{
    private static readonly Ed25519 signer = new();

    private readonly string _folder;

    private KeyedWitness(string folder, NoteVerifierKey key) => (_folder, Key) = (folder, key);

    public NoteVerifierKey Key { get; }

    public string Name => Key.Name;

    public static async Task<KeyedWitness> CreateAsync()
    {
        var folder = Directory.CreateTempSubdirectory("coffrefort-keyed-witness-").FullName;
        await signer.CreateKeyAsync(FileIn(folder));
        return new KeyedWitness(folder, Cosignature.VerifierKey("keyed.example", await signer.PublicKeyAsync(FileIn(folder))));
    }

    public async Task<WitnessAnswer> CosignAsync(string checkpoint, long size, ConsistencyProofs proofs, CancellationToken cancellation)
    {
        var note = SignedNote.Parse(System.Text.Encoding.UTF8.GetBytes(checkpoint));
        return new WitnessAnswer.Cosigned($"{await Cosignature.SignAsync(note, Key, FileIn(_folder), DateTimeOffset.UtcNow, signer, cancellation)}\n");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string FileIn(string folder) => Path.Combine(folder, "key.pem");
}
