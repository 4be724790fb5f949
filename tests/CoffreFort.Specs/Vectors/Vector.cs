using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoffreFort.Specs.House;

namespace CoffreFort.Specs.Vectors;

/// <summary>One file of tests/vectors: one input with all that a reader needs, and what must come of it.</summary>
/// <param name="Format">Which reader takes it; the folder's name.</param>
/// <param name="Name">The file's name without its ending.</param>
/// <param name="About">What is special about it, in a sentence.</param>
/// <param name="Fault">The class of failure; null when it opens.</param>
/// <param name="Released">All plaintext that may leave before the failure, or all there is.</param>
/// <param name="With">What goes with the input: keys, places, anchors.</param>
/// <param name="Input">The bytes to be read.</param>
internal sealed record Vector(string Format, string Name, string About, string? Fault, byte[] Released, JsonObject With, byte[] Input)
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Folder { get; } = System.IO.Path.Combine(SourceTree.Root, "tests", "vectors");

    public string Path => System.IO.Path.Combine(Folder, Format, Name + ".json");

    /// <summary>What a file says of what is released: a hash, so that a reader compares without a second copy.</summary>
    public static string HashOf(ReadOnlySpan<byte> released) => Convert.ToHexStringLower(SHA256.HashData(released));

    public string Write() => new JsonObject
    {
        ["format"] = Format,
        ["about"] = About,
        ["expect"] = Fault is null ? "opens" : "refused",
        ["class"] = Fault,
        ["released"] = HashOf(Released),
        ["with"] = With.DeepClone(),
        ["input"] = Convert.ToBase64String(Input),
    }.ToJsonString(s_indented) + "\n";
}

/// <summary>A file as it is read: by whoever has nothing but the README.</summary>
internal sealed record VectorFile(string Path, string Format, string? Fault, string Released, JsonObject With, byte[] Input)
{
    public static IReadOnlyList<VectorFile> All { get; } =
        [.. Directory.EnumerateFiles(Vector.Folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Read)];

    public static IEnumerable<VectorFile> Of(string format) => All.Where(file => file.Format == format);

    public byte[] Hex(string name) => Convert.FromHexString(Text(name));

    public byte[] Base64(string name) => Convert.FromBase64String(Text(name));

    public string Text(string name) => (string)With[name]!;

    public Guid Id(string name) => Guid.Parse(Text(name));

    public uint Number(string name) => (uint)With[name]!;

    public override string ToString() => System.IO.Path.GetRelativePath(Vector.Folder, Path);

    private static VectorFile Read(string path)
    {
        var file = JsonNode.Parse(File.ReadAllText(path))!;
        var expected = (string)file["expect"]! == "opens" ? null : (string)file["class"]!;
        return new VectorFile(path, (string)file["format"]!, expected, (string)file["released"]!, file["with"]!.AsObject(), Convert.FromBase64String((string)file["input"]!));
    }
}
