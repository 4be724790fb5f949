using System.Security.Cryptography;
using System.Text;
using CoffreFort.Transparency;

namespace CoffreFort.Cli.Witness;

/// <summary>What a witness knows of one log: the last checkpoint it cosigned, as a note with that cosignature; nothing for a log it has not seen yet.</summary>
/// <remarks>
/// The file: a line that names the format, a line with the SHA-256 of what follows, a line with the origin, then the note. The checksum finds
/// damage; the cosignature, verified at each start, finds a file of another witness, log or time that was put in its place with a right checksum.
/// </remarks>
internal sealed record WitnessState(SignedNote? Note, Checkpoint? Checkpoint, DateTimeOffset Time)
{
    private const string Format = "coffrefort/witness-state/v1";

    public static WitnessState Unseen { get; } = new(null, null, DateTimeOffset.UnixEpoch);

    public long Size => Checkpoint?.Size ?? 0;

    public ReadOnlySpan<byte> Root => Checkpoint is null ? MerkleHash.Empty : Checkpoint.Root.Span;

    /// <summary>The content of the file.</summary>
    public byte[] ToBytes(string origin)
    {
        byte[] content = [.. Encoding.UTF8.GetBytes($"{origin}\n"), .. Note?.ToBytes() ?? []];
        return [.. Head(content), .. content];
    }

    /// <exception cref="WitnessRefusal">The file is damaged, or not this witness's about this log.</exception>
    public static async Task<WitnessState> ReadAsync(string path, string origin, WitnessKey key, CancellationToken cancellation)
    {
        byte[] file = DurableFiles.Read(path);
        var head = Head([]).Length;
        if (file.Length < head || !file.AsSpan(0, head).SequenceEqual(Head(file.AsSpan(head)))) throw Damaged(path, "its checksum is wrong");
        var first = Encoding.UTF8.GetBytes($"{origin}\n");
        if (!file.AsSpan(head).StartsWith(first)) throw Damaged(path, "it is about another log");
        if (file.Length == head + first.Length) return Unseen;
        if (!SignedNote.TryParse(file.AsSpan(head + first.Length), out var note, out var fault)) throw Damaged(path, fault);
        if (!Checkpoint.TryParse(note.Text, out var checkpoint, out fault)) throw Damaged(path, fault);
        if (checkpoint.Origin != origin) throw Damaged(path, "its checkpoint is of another log");
        return await key.TimeOfAsync(note, cancellation) is { } time
            ? new WitnessState(note, checkpoint, time)
            : throw Damaged(path, "this witness did not cosign what it holds");
    }

    private static byte[] Head(ReadOnlySpan<byte> content) => Encoding.UTF8.GetBytes($"{Format}\nsha256 {Convert.ToHexStringLower(SHA256.HashData(content))}\n");

    private static WitnessRefusal Damaged(string path, string how) => new(
        $"{path} is damaged: {how}. This witness can't know any more what it has cosigned, and will not guess. Begin a new witness, with a new key, in another folder; keep this one for inquiry.");
}
