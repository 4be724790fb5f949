using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace CoffreFort.Specs.Vectors;

/// <summary>Signed notes and checkpoints (docs/spec/checkpoint-and-tiles.md §2 and §3). Three classes of failure: of another form, not signed by the key, of another log.</summary>
internal static class NoteVectors
{
    public const string Malformed = "Malformed", Unsigned = "Unsigned", OtherLog = "OtherLog";

    private const string Origin = "coffrefort.test/log";

    private static readonly SeededKey s_key = new("log key");
    private static readonly string s_root = Convert.ToBase64String(Seeded.Bytes("root", 32));
    private static readonly string s_text = $"{Origin}\n1234\n{s_root}\n";

    public static IEnumerable<Vector> All() => [.. Whole(), .. Forms(), .. Signatures(), .. Checkpoints()];

    private static IEnumerable<Vector> Whole()
    {
        yield return Note("one-signature", "A text with one signature.", null, Sign("A text.\n"));
        yield return Note("empty-lines", "The text holds empty lines: the last one separates.", null, Sign("A\n\n\ntext.\n"));
        yield return Note("unicode", "The text is not ASCII.", null, Sign("Été — 日本\n"));
        yield return Note("unknown-before", "A signature of an unknown key stands before ours.", null, Sign("A text.\n").Replace("\n\n", $"\n\n{Unknown}", StringComparison.Ordinal));
        yield return Note("unknown-same-name", "An unknown key has our name and another id.", null, Sign("A text.\n") + Line(Origin, 1, [2, 3]));
        yield return Note("signed-twice", "Two right signatures of the same key.", null, Sign("A text.\n") + Signature("A text.\n", "again"));
    }

    private static IEnumerable<Vector> Forms()
    {
        var good = Sign("A text.\n");
        (string Name, string About, string Note)[] bad =
        [
            ("empty", "There is nothing.", ""), ("no-signature", "There is no signature.", "A text.\n\n"), ("no-empty-line", "No empty line separates.", good.Replace("\n\n", "\n", StringComparison.Ordinal)),
            ("no-last-line-feed", "The last line feed is missing.", good[..^1]), ("line-after", "An empty line follows.", good + "\n"), ("text-after", "A line of text follows the signature.", good + "more\n"),
            ("carriage-returns", "Lines end in CR LF.", good.Replace("\n", "\r\n", StringComparison.Ordinal)), ("tab", "The text holds a tab.", Sign("A\ttext.\n")),
            ("nul", "The text holds a NUL.", Sign("A\0text.\n")), ("hyphen", "The signature line begins with a hyphen.", good.Replace("\u2014", "-", StringComparison.Ordinal)),
            ("no-space-after-dash", "No space follows the dash.", good.Replace("\u2014 ", "\u2014", StringComparison.Ordinal)), ("two-spaces", "Two spaces precede the signature.", good.Replace($"{Origin} ", $"{Origin}  ", StringComparison.Ordinal)),
            ("name-with-plus", "The key's name holds a plus sign.", good.Replace(Origin, "a+b", StringComparison.Ordinal)), ("name-with-space", "The key's name holds a no-break space.", good.Replace(Origin, "a\u00a0b", StringComparison.Ordinal)),
            ("base64-unpadded", "The signature's padding is missing.", "A text.\n\n" + Unknown.Replace("=", "", StringComparison.Ordinal)), ("base64url", "The signature is in base64url.", "A text.\n\n\u2014 other AAAAAQL_\n"),
            ("base64-stray-bits", "The last digit of the signature has stray bits.", "A text.\n\n\u2014 other AAAAAQJ=\n"), ("key-id-alone", "There is a key id and no signature.", "A text.\n\n\u2014 other AAAAAQ==\n"),
            ("65-signatures", "There are 65 signatures.", good + string.Concat(Enumerable.Repeat(Unknown, 64))), ("257-lines", "The text has 257 lines.", Sign(string.Concat(Enumerable.Repeat("x\n", 257)))),
        ];
        foreach (var (name, about, note) in bad) yield return Note($"form-{name}", about, Malformed, note);
        yield return Note("form-not-utf8", "A byte is not UTF-8.", Malformed, [0xFF, .. Encoding.UTF8.GetBytes(good)]);
        yield return Note("form-overlong", "A slash is written in two bytes.", Malformed, [0xC0, 0xAF, .. Encoding.UTF8.GetBytes(good)]);
    }

    private static IEnumerable<Vector> Signatures()
    {
        var good = Sign("A text.\n");
        yield return Note("unsigned-unknown-only", "Only an unknown key has signed.", Unsigned, "A text.\n\n" + Unknown);
        yield return Note("unsigned-other-text", "A letter of the text is another one.", Unsigned, good.Replace("A text", "B text", StringComparison.Ordinal));
        yield return Note("unsigned-other-name", "The key's name is another one.", Unsigned, good.Replace(Origin, "other.test/log", StringComparison.Ordinal));
        yield return Note("unsigned-other-id", "The key's id is another one.", Unsigned, "A text.\n\n" + Line(Origin, s_key.Verifier(Origin).KeyId + 1, s_key.Sign("A text.\n"u8)));
        yield return Note("unsigned-other-key", "Name and id are ours, the signature is another key's.", Unsigned, "A text.\n\n" + Line(Origin, s_key.Verifier(Origin).KeyId, new SeededKey("another").Sign("A text.\n"u8)));
        yield return Note("unsigned-one-wrong", "One signature of the key is right, another one wrong.", Unsigned, good + Line(Origin, s_key.Verifier(Origin).KeyId, s_key.Sign("B text.\n"u8)));
        yield return Note("unsigned-with-separator", "The signature is over the text and the empty line.", Unsigned, "A text.\n\n" + Line(Origin, s_key.Verifier(Origin).KeyId, s_key.Sign("A text.\n\n"u8)));
        yield return Note("unsigned-p1363", "The signature is not in DER but r and s alone.", Unsigned, "A text.\n\n" + Line(Origin, s_key.Verifier(Origin).KeyId, s_key.SignPair("A text.\n"u8)));
        yield return Note("unsigned-empty-pair", "r and s are 0.", Unsigned, "A text.\n\n" + Line(Origin, s_key.Verifier(Origin).KeyId, [0x30, 6, 2, 1, 0, 2, 1, 0]));
    }

    private static IEnumerable<Vector> Checkpoints()
    {
        yield return Checkpoint("good", "A checkpoint of 1234 leaves.", null, s_text);
        yield return Checkpoint("extension", "An extension line is tolerated.", null, $"{s_text}an extension\n");
        yield return Checkpoint("largest", "The largest size.", null, $"{Origin}\n9223372036854775807\n{s_root}\n");
        yield return Checkpoint("empty-tree", "No leaves: the root is SHA-256 of nothing.", null, $"{Origin}\n0\n{Convert.ToBase64String(SHA256.HashData([]))}\n");
        (string Name, string About, string Text)[] bad =
        [
            ("empty-tree-other-root", "No leaves and another root.", $"{Origin}\n0\n{s_root}\n"), ("size-leading-zero", "The size begins with a zero.", $"{Origin}\n01234\n{s_root}\n"),
            ("size-negative", "The size is negative.", $"{Origin}\n-1\n{s_root}\n"), ("size-plus", "The size has a plus sign.", $"{Origin}\n+1\n{s_root}\n"),
            ("size-too-large", "The size is 2^63.", $"{Origin}\n9223372036854775808\n{s_root}\n"), ("size-fullwidth", "The size has digits that are not ASCII.", $"{Origin}\n\uFF11\n{s_root}\n"),
            ("size-missing", "The size is missing.", $"{Origin}\n{s_root}\n"), ("size-space", "A space follows the size.", $"{Origin}\n1234 \n{s_root}\n"),
            ("root-31", "The root has 31 bytes.", $"{Origin}\n1234\n{Convert.ToBase64String(new byte[31])}\n"), ("root-33", "The root has 33 bytes.", $"{Origin}\n1234\n{Convert.ToBase64String(new byte[33])}\n"),
            ("root-unpadded", "The root's padding is missing.", $"{Origin}\n1234\n{s_root.TrimEnd('=')}\n"), ("root-missing", "The root is missing.", $"{Origin}\n1234\n"),
            ("empty-extension", "An extension line is empty.", $"{s_text}\nmore\n"), ("origin-empty", "The origin is empty.", $"\n1234\n{s_root}\n"),
        ];
        foreach (var (name, about, text) in bad) yield return Checkpoint($"form-{name}", about, Malformed, text);
        yield return Checkpoint("other-log", "The origin is not the key's name.", OtherLog, $"other.test/log\n1234\n{s_root}\n");
        yield return Checkpoint("unsigned-other-size", "The size is another one than was signed.", Unsigned, Sign(s_text).Replace("1234", "1235", StringComparison.Ordinal), whole: true);
        yield return Checkpoint("unsigned-other-key", "Another key has signed, under our name and id.", Unsigned, $"{s_text}\n{Line(Origin, s_key.Verifier(Origin).KeyId, new SeededKey("another").Sign(Encoding.UTF8.GetBytes(s_text)))}", whole: true);
    }

    private static string Unknown => Line("other", 1, [2]);

    private static Vector Note(string name, string about, string? fault, string note) => Note(name, about, fault, Encoding.UTF8.GetBytes(note));

    private static Vector Note(string name, string about, string? fault, byte[] note) =>
        new("note", name, about, fault, fault is null ? TextOf(Encoding.UTF8.GetString(note)) : [], With(), note);

    private static Vector Checkpoint(string name, string about, string? fault, string text, bool whole = false)
    {
        var note = whole ? text : Sign(text);
        return new("checkpoint", name, about, fault, fault is null ? TextOf(note) : [], With(), Encoding.UTF8.GetBytes(note));
    }

    private static JsonObject With() => new() { ["verifierKey"] = s_key.Verifier(Origin).ToString() };

    private static byte[] TextOf(string note) => Encoding.UTF8.GetBytes(note[..(note.LastIndexOf("\n\n", StringComparison.Ordinal) + 1)]);

    private static string Sign(string text) => $"{text}\n{Signature(text)}";

    private static string Signature(string text, string salt = "") => Line(Origin, s_key.Verifier(Origin).KeyId, s_key.Sign(Encoding.UTF8.GetBytes(text), salt));

    private static string Line(string name, uint keyId, byte[] signature) =>
        $"\u2014 {name} {Convert.ToBase64String([(byte)(keyId >> 24), (byte)(keyId >> 16 & 0xFF), (byte)(keyId >> 8 & 0xFF), (byte)(keyId & 0xFF), .. signature])}\n";
}
