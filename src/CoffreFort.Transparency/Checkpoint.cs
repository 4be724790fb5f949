using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CoffreFort.Transparency;

/// <summary>What a log says about itself at one size (C2SP tlog-checkpoint): origin, size, root. The text of a signed note.</summary>
/// <remarks>
/// Form: three lines or more, none empty, each ended by a line feed: the origin; the number of leaves in decimal; the root in base 64;
/// then extension lines, which are opaque. There is one text for one checkpoint and the reverse: what <see cref="TryParse"/> accepts,
/// <see cref="ToString"/> gives back character for character. Immutable; safe for use from any thread.
/// </remarks>
public sealed class Checkpoint
{
    private readonly byte[] _root;

    /// <summary>Holds a checkpoint. The root is copied.</summary>
    /// <param name="origin">The log's identity: not empty, one line.</param>
    /// <param name="size">The number of leaves, not negative.</param>
    /// <param name="root">The tree's root, 32 bytes; for the tree without leaves <see cref="MerkleHash.Empty"/>.</param>
    /// <param name="extensions">Further lines, none empty; the specification advises against any.</param>
    /// <exception cref="FormatException">A part cannot stand in a checkpoint; the message says which.</exception>
    public Checkpoint(string origin, long size, ReadOnlySpan<byte> root, params IEnumerable<string> extensions)
    {
        ArgumentNullException.ThrowIfNull(origin);
        ArgumentNullException.ThrowIfNull(extensions);
        Origin = origin;
        Size = size;
        _root = root.ToArray();
        Extensions = [.. extensions];
        if (size < 0) throw new FormatException("A checkpoint's size is not negative.");
        if (Extensions.Append(origin).Any(line => line.Any(character => character < ' ') || !NoteText.IsWhole(line)))
            throw new FormatException("A checkpoint's line holds a control character or half a character.");
        if (Fault(ToString(), out _, out _, out _) is { } fault) throw new FormatException(fault);
    }

    private Checkpoint(string origin, long size, byte[] root, string[] extensions)
    {
        Origin = origin;
        Size = size;
        _root = root;
        Extensions = extensions;
    }

    /// <summary>The log's identity, which is also its key's name.</summary>
    public string Origin { get; }

    /// <summary>How many leaves the tree has.</summary>
    public long Size { get; }

    /// <summary>The tree's root, 32 bytes.</summary>
    public ReadOnlyMemory<byte> Root => _root;

    /// <summary>Further lines, as they stand; nobody can check them.</summary>
    public IReadOnlyList<string> Extensions { get; }

    /// <summary>Reads a note's text as a checkpoint, strictly. Never throws for what a stranger sent, and verifies no signature.</summary>
    /// <param name="text">The text with its final line feed (<see cref="SignedNote.Text"/>).</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="fault">One sentence on what is wrong with it.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Checkpoint? checkpoint, [NotNullWhen(false)] out string? fault)
    {
        fault = Fault(text, out string[] lines, out long size, out byte[] root);
        checkpoint = fault is null ? new Checkpoint(lines[0], size, root, lines[3..]) : null;
        return checkpoint is not null;
    }

    /// <summary>Reads a note's text as a checkpoint, strictly; verifies no signature.</summary>
    /// <param name="text">The text with its final line feed (<see cref="SignedNote.Text"/>).</param>
    /// <exception cref="FormatException">It is not one; the message says why.</exception>
    public static Checkpoint Parse(string text) => TryParse(text, out Checkpoint? checkpoint, out string? fault) ? checkpoint : throw new FormatException(fault);

    /// <summary>Reads a note as a log's checkpoint: signed by the log's ECDSA key, and its origin the key's name. Never throws for what a stranger sent.</summary>
    /// <param name="bytes">The note's bytes.</param>
    /// <param name="logKey">The log's key, of type <see cref="EcdsaNote.Type"/>, from a source that is trusted.</param>
    /// <param name="note">The note, with all its signatures.</param>
    /// <param name="checkpoint">The checkpoint, which the log vouches for.</param>
    /// <param name="fault">One sentence on what is wrong with it.</param>
    /// <exception cref="ArgumentException">The key is of another type.</exception>
    public static bool TryOpen(
        ReadOnlySpan<byte> bytes,
        NoteVerifierKey logKey,
        [NotNullWhen(true)] out SignedNote? note,
        [NotNullWhen(true)] out Checkpoint? checkpoint,
        [NotNullWhen(false)] out string? fault)
    {
        ArgumentNullException.ThrowIfNull(logKey);
        checkpoint = null;
        if (SignedNote.TryParse(bytes, out note, out fault))
        {
            if (!EcdsaNote.Verify(note, logKey)) fault = "The checkpoint is not signed by the log's key.";
            else if (TryParse(note.Text, out checkpoint, out fault) && checkpoint.Origin == logKey.Name) return true;
            fault ??= "The checkpoint is of another log.";
        }

        (note, checkpoint) = (null, null);
        return false;
    }

    /// <summary>The note's text: what is signed.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(_root)}\n{string.Concat(Extensions.Select(line => $"{line}\n"))}");

    private static string? Fault(string? text, out string[] lines, out long size, out byte[] root)
    {
        (lines, size, root) = ([], 0, []);
        if (text is null || text.Length > SignedNote.LargestLength || !text.EndsWith('\n')) return "The checkpoint does not end in a line feed.";
        if (text.Any(character => character < ' ' && character != '\n')) return "The checkpoint holds a control character.";
        lines = text[..^1].Split('\n');
        if (lines.Length < 3 || lines.Contains("")) return "The checkpoint is not three lines or more, none empty.";
        size = NoteText.FromDecimal(lines[1]);
        if (size < 0) return "The checkpoint's size is not a plain decimal number below 2^63.";
        if (NoteText.FromBase64(lines[2]) is not { Length: MerkleHash.Length } hash) return "The checkpoint's root is not 32 bytes in base 64.";
        root = hash;
        return size == 0 && !root.AsSpan().SequenceEqual(MerkleHash.Empty) ? "The checkpoint's root is not that of a tree without leaves." : null;
    }
}
