using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// The random name of one blob: 128 bits, written as 32 lower-case hexadecimal digits.
/// </summary>
/// <remarks>
/// A name says nothing about its content, its vault or its age. It is a number, not a string, so nothing that
/// came from outside can ever reach a path or an address: <see cref="TryParse"/> lets only the written form pass.
/// </remarks>
[JsonConverter(typeof(BlobNameJsonConverter))]
public readonly record struct BlobName
{
    /// <summary>The length of the written form.</summary>
    public const int TextLength = 32;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private readonly UInt128 value;

    private BlobName(UInt128 value) => this.value = value;

    /// <summary>Draws a new name from the system's random generator.</summary>
    public static BlobName New()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return new BlobName(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    /// <summary>Reads exactly the form <see cref="ToString"/> writes; anything else, upper case included, is refused.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out BlobName name)
    {
        name = default;
        if (text.Length != TextLength || text.ContainsAnyExcept(Digits))
            return false;
        name = new BlobName(UInt128.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, for names read from our own journal.</summary>
    /// <exception cref="FormatException">The text is not a blob name.</exception>
    public static BlobName Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var name) ? name : throw new FormatException("A blob name is 32 lower-case hexadecimal digits.");

    public override string ToString() => value.ToString("x32", CultureInfo.InvariantCulture);
}
