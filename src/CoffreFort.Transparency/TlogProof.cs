using System.Globalization;
using System.Text;

namespace CoffreFort.Transparency;

/// <summary>A proof in one text that is verified offline (C2SP tlog-proof): the leaf's index, the hashes on its way to the root, and the signed checkpoint.</summary>
/// <remarks>Immutable; safe for use from any thread. Reading one proves nothing; <see cref="TryVerify"/> does.</remarks>
/// <param name="Index">The leaf's index, from 0.</param>
/// <param name="Hashes">The inclusion proof, the leaf's sibling first.</param>
/// <param name="Note">The checkpoint's note with all its signatures.</param>
public sealed record TlogProof(long Index, IReadOnlyList<byte[]> Hashes, SignedNote Note)
{
    private const string FirstLine = "c2sp.org/tlog-proof@v1";
    private const int MostHashes = 63;

    /// <summary>Reads a proof, strictly. Extra data in it is left out. Never throws for what a stranger sent.</summary>
    /// <param name="bytes">The whole text.</param>
    /// <returns>The proof, or null when it is not one.</returns>
    public static TlogProof? Parse(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf("\n\n"u8);
        if (end < 0 || bytes.Length > SignedNote.LargestLength || !NoteText.TryDecode(bytes[..end], out string? head)) return null;
        var lines = new Queue<string>(head.Split('\n'));
        if (lines.Dequeue() != FirstLine) return null;
        if (lines.TryPeek(out string? extra) && extra.StartsWith("extra ", StringComparison.Ordinal) && NoteText.FromBase64(lines.Dequeue()[6..]) is null) return null;
        if (!lines.TryDequeue(out string? index) || !index.StartsWith("index ", StringComparison.Ordinal)) return null;
        long leaf = NoteText.FromDecimal(index.AsSpan(6));
        byte[]?[] hashes = [.. lines.Select(NoteText.FromBase64)];
        if (leaf < 0 || hashes.Length > MostHashes || hashes.Any(hash => hash is not { Length: MerkleHash.Length })) return null;
        return SignedNote.TryParse(bytes[(end + 2)..], out SignedNote? note, out _) ? new TlogProof(leaf, hashes!, note) : null;
    }

    /// <summary>Whether the log vouches for a tree in which the leaf stands at its place. Cosignatures are the caller's to ask for.</summary>
    /// <param name="leafData">The leaf's data; in this log an event's commitment.</param>
    /// <param name="logKey">The log's key, from a source that is trusted.</param>
    public bool TryVerify(ReadOnlySpan<byte> leafData, NoteVerifierKey logKey)
    {
        var leaf = new byte[MerkleHash.Length];
        MerkleHash.Leaf(leafData, leaf);
        return Checkpoint.TryOpen(Note.ToBytes(), logKey, out _, out Checkpoint? checkpoint, out _)
            && InclusionProof.Verify(Index, checkpoint.Size, leaf, Hashes, checkpoint.Root.Span);
    }

    /// <summary>The whole text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"{FirstLine}\n").Append(CultureInfo.InvariantCulture, $"index {Index}\n");
        foreach (byte[] hash in Hashes) text.Append(Convert.ToBase64String(hash)).Append('\n');
        return text.Append('\n').Append(Note).ToString();
    }
}
