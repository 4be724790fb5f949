using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CoffreFort.Transparency;

namespace CoffreFort.IntegrationTests.Witness;

/// <summary>A log without a journal: a key and leaves, which can sign what an honest log would not.</summary>
internal sealed class HandMadeLog
{
    private readonly byte[] key;
    private readonly List<byte[]> leaves;

    public HandMadeLog(string origin)
        : this(origin, NewKey(), [])
    {
    }

    private HandMadeLog(string origin, byte[] key, List<byte[]> leaves) => (Origin, this.key, this.leaves) = (origin, key, leaves);

    public string Origin { get; }

    public NoteVerifierKey Key
    {
        get
        {
            using var signer = Signer();
            return EcdsaNote.VerifierKey(Origin, signer);
        }
    }

    /// <summary>Another history under the same key, the same up to a size.</summary>
    public HandMadeLog ForkAt(int size) => new(Origin, key, leaves[..size]);

    /// <summary>Another log of the same origin under another key.</summary>
    public HandMadeLog Impostor() => new(Origin, NewKey(), leaves);

    public void GrowTo(int size, string what = "")
    {
        while (leaves.Count < size)
        {
            var hash = new byte[MerkleHash.Length];
            MerkleHash.Leaf(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{what}{leaves.Count}")), hash);
            leaves.Add(hash);
        }
    }

    public byte[] Root(int size)
    {
        var frontier = Frontier.Empty;
        foreach (var leaf in leaves[..size]) frontier.Append(leaf);
        return frontier.Root();
    }

    public SignedNote Checkpoint(int size) => Sign(size, Root(size));

    /// <summary>Signs whatever it is given.</summary>
    public SignedNote Sign(long size, byte[] root)
    {
        var text = new Checkpoint(Origin, size, root).ToString();
        using var signer = Signer();
        return new SignedNote(text, [EcdsaNote.Sign(text, Origin, signer)]);
    }

    public byte[][] Proof(int old, int size) => old is 0 || old == size ? [] : ConsistencyProof.Create(old, size, leaves);

    /// <summary>The body of add-checkpoint that an honest log of these leaves sends.</summary>
    public string Request(int old, int size) => Request(old, Proof(old, size), Checkpoint(size).ToString());

    public static string Request(long old, byte[][] proof, string note) =>
        string.Create(CultureInfo.InvariantCulture, $"old {old}\n{string.Concat(proof.Select(hash => Convert.ToBase64String(hash) + "\n"))}\n{note}");

    private static byte[] NewKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKey();
    }

    private ECDsa Signer()
    {
        var signer = ECDsa.Create();
        signer.ImportPkcs8PrivateKey(key, out _);
        return signer;
    }
}
