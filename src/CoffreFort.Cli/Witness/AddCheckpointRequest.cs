using System.Text;
using CoffreFort.Transparency;

namespace CoffreFort.Cli.Witness;

/// <summary>The body of <c>POST /add-checkpoint</c>: <c>old</c> and a size, the lines of a consistency proof, an empty line, a signed checkpoint (C2SP tlog-witness).</summary>
internal sealed record AddCheckpointRequest(long OldSize, byte[][] Proof, SignedNote Note, Checkpoint Checkpoint)
{
    private const int MostProofLines = 63;
    private const int Base64Length = (MerkleHash.Length + 2) / 3 * 4;

    /// <summary>Reads a body to the letter. Never throws for what a stranger sent, and verifies nothing.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="fault">One sentence on what is wrong with it.</param>
    public static AddCheckpointRequest? Read(ReadOnlySpan<byte> body, out string? fault)
    {
        var head = body.IndexOf("\n\n"u8);
        if (!ReadHead(head < 0 ? [] : body[..head], out var oldSize, out var proof, out fault)) return null;
        if (!SignedNote.TryParse(body[(head + 2)..], out var note, out fault)) return null;
        if (!Checkpoint.TryParse(note.Text, out var checkpoint, out fault)) return null;
        if (oldSize <= checkpoint.Size) return new AddCheckpointRequest(oldSize, proof, note, checkpoint);
        fault = "The old size is larger than the checkpoint's.";
        return null;
    }

    private static bool ReadHead(ReadOnlySpan<byte> head, out long oldSize, out byte[][] proof, out string? fault)
    {
        (oldSize, proof) = (-1, []);
        // Latin-1 gives every byte a character of its own: what is not ASCII is refused below, not replaced.
        var lines = Encoding.Latin1.GetString(head).Split('\n');
        fault = "The first line is not 'old' and a size, or no empty line follows the proof.";
        if (!lines[0].StartsWith("old ", StringComparison.Ordinal) || !TryReadSize(lines[0].AsSpan(4), out oldSize)) return false;
        fault = $"The proof has more than {MostProofLines} lines.";
        if (lines.Length - 1 > MostProofLines) return false;
        proof = new byte[lines.Length - 1][];
        for (var i = 0; i < proof.Length; i++)
        {
            fault = $"Line {i + 1} of the proof is not a hash of {MerkleHash.Length} bytes in base 64.";
            proof[i] = new byte[MerkleHash.Length];
            if (!TryReadHash(lines[i + 1], proof[i])) return false;
        }

        fault = null;
        return true;
    }

    private static bool TryReadHash(string line, byte[] hash) =>
        line.Length == Base64Length && Convert.TryFromBase64String(line, hash, out var length) && length == hash.Length && Convert.ToBase64String(hash) == line;

    private static bool TryReadSize(ReadOnlySpan<char> text, out long size)
    {
        size = 0;
        if (text.Length is 0 or > 19 || (text[0] == '0' && text.Length > 1)) return false;
        var value = 0UL;
        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit(digit)) return false;
            value = value * 10 + (ulong)(digit - '0');
        }

        size = value <= long.MaxValue ? (long)value : -1;
        return size >= 0;
    }
}
