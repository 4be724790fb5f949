using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace CoffreFort.Transparency;

/// <summary>A text and the signatures below it (C2SP signed-note). Reading one proves nothing: a signature is verified through its key.</summary>
/// <remarks>
/// <para>
/// Form: the text, which ends in a line feed; an empty line; one signature line or more. The last empty line separates, so the text may
/// hold empty lines itself. Everything is UTF-8 without control characters other than the line feed.
/// </para>
/// <para>
/// Signatures by unknown keys are kept, in their order. What <see cref="TryParse"/> accepts, <see cref="ToBytes"/> gives back byte for byte.
/// Immutable; safe for use from any thread.
/// </para>
/// </remarks>
public sealed class SignedNote
{
    /// <summary>The most bytes a note may have, signatures included: 256 KiB.</summary>
    public const int LargestLength = 256 * 1024;

    /// <summary>The most signatures a note may carry. (The specification asks readers to accept 16.)</summary>
    public const int MostSignatures = 64;

    /// <summary>The most lines a note's text may have.</summary>
    public const int MostTextLines = 256;

    private readonly byte[] _textBytes;

    /// <summary>Puts signatures under a text. They are not verified.</summary>
    /// <param name="text">The text with its final line feed.</param>
    /// <param name="signatures">The signatures in their order, at least one.</param>
    /// <exception cref="FormatException">What comes of it is not a signed note that <see cref="TryParse"/> would accept; the message says why.</exception>
    public SignedNote(string text, IEnumerable<NoteSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(signatures);
        Text = text;
        Signatures = [.. signatures];
        if (!NoteText.IsWhole(text)) throw new FormatException("The note's text holds half a character.");
        _textBytes = NoteText.Encode(text);
        if (Fault(ToBytes(), out string read, out _) is { } fault) throw new FormatException(fault);
        if (read != text) throw new FormatException("The note's text does not end in a line feed.");
    }

    private SignedNote(string text, byte[] textBytes, NoteSignature[] signatures)
    {
        Text = text;
        _textBytes = textBytes;
        Signatures = signatures;
    }

    /// <summary>What was signed, with its final line feed and without the separating empty line.</summary>
    public string Text { get; }

    /// <summary>The UTF-8 bytes of <see cref="Text"/>: what signatures are over.</summary>
    public ReadOnlyMemory<byte> TextBytes => _textBytes;

    /// <summary>The signatures in their order, at least one; of unknown keys too.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Reads a note, strictly. Never throws for what a stranger sent.</summary>
    /// <param name="bytes">The whole note.</param>
    /// <param name="note">The note.</param>
    /// <param name="fault">One sentence on what is wrong with it.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SignedNote? note, [NotNullWhen(false)] out string? fault)
    {
        fault = Fault(bytes, out string text, out NoteSignature[] signatures);
        note = fault is null ? new SignedNote(text, Encoding.UTF8.GetBytes(text), signatures) : null;
        return note is not null;
    }

    /// <summary>Reads a note, strictly.</summary>
    /// <param name="bytes">The whole note.</param>
    /// <exception cref="FormatException">It is not one; the message says why.</exception>
    public static SignedNote Parse(ReadOnlySpan<byte> bytes) => TryParse(bytes, out SignedNote? note, out string? fault) ? note : throw new FormatException(fault);

    /// <summary>The same text with one signature more, below the others.</summary>
    /// <param name="signature">The signature; it is not verified.</param>
    /// <exception cref="FormatException">The note has as many signatures or bytes as it may have.</exception>
    public SignedNote With(NoteSignature signature) => new(Text, [.. Signatures, signature]);

    /// <summary>The signatures that name a key: its name and its id both.</summary>
    /// <param name="key">The key.</param>
    public IEnumerable<NoteSignature> SignaturesOf(NoteVerifierKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Signatures.Where(signature => signature.KeyId == key.KeyId && signature.Name == key.Name);
    }

    /// <summary>The whole note as it is stored and sent.</summary>
    public byte[] ToBytes() => NoteText.Encode(ToString());

    /// <summary>The whole note: text, empty line, signature lines, each ended by a line feed.</summary>
    public override string ToString() => $"{Text}\n{string.Concat(Signatures.Select(signature => $"{signature}\n"))}";

    private static string? Fault(ReadOnlySpan<byte> bytes, out string text, out NoteSignature[] signatures)
    {
        (text, signatures) = ("", []);
        if (bytes.Length > LargestLength) return $"The note is longer than {LargestLength} bytes.";
        if (!NoteText.TryDecode(bytes, out string? whole)) return "The note is not UTF-8 without control characters.";
        int separator = whole.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (separator < 0) return "The note has no empty line between text and signatures.";
        if (whole.Length == separator + 2) return "The note has no signature.";
        if (whole[^1] != '\n') return "The note does not end in a line feed.";
        text = whole[..(separator + 1)];
        if (text.AsSpan().Count('\n') > MostTextLines) return $"The note's text has more than {MostTextLines} lines.";

        ReadOnlySpan<char> below = whole.AsSpan(separator + 2);
        if (below.Count('\n') > MostSignatures) return $"The note has more than {MostSignatures} signatures.";
        string[] lines = below[..^1].ToString().Split('\n');
        NoteSignature?[] read = Array.ConvertAll(lines, NoteSignature.FromLine);
        int bad = Array.IndexOf(read, null);
        if (bad >= 0) return $"Line {bad + 1} below the note's text is not a signature.";
        signatures = read!;
        return null;
    }
}
