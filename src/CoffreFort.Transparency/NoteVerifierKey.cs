using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace CoffreFort.Transparency;

/// <summary>
/// A public key for notes, with its name and type; in text <c>name+hexadecimal key id+base64(type ‖ key)</c>, the line that is called a vkey.
/// </summary>
/// <remarks>
/// Two types are known: <see cref="EcdsaNote.Type"/>, whose key is a P-256 SubjectPublicKeyInfo and whose id is the beginning of that key's
/// SHA-256; and <see cref="Cosignature.Type"/>, whose key is the 32 bytes of Ed25519 and whose id is the beginning of
/// SHA-256(name ‖ line feed ‖ type ‖ key). Immutable; safe for use from any thread.
/// </remarks>
public sealed class NoteVerifierKey
{
    private const int KeyIdDigits = 8;
    private const int LargestText = 1024;
    private const int Ed25519Length = 32;
    private const string P256 = "1.2.840.10045.3.1.7";

    private readonly byte[] _publicKey;

    private NoteVerifierKey(string name, byte type, byte[] publicKey)
    {
        Name = name;
        Type = type;
        _publicKey = publicKey;
        byte[] identified = type == EcdsaNote.Type ? publicKey : [.. NoteText.Encode(name), (byte)'\n', type, .. publicKey];
        KeyId = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(identified));
    }

    /// <summary>The key's name; of a log, its origin.</summary>
    public string Name { get; }

    /// <summary>The key's id.</summary>
    public uint KeyId { get; }

    /// <summary>The signature type: <see cref="EcdsaNote.Type"/> or <see cref="Cosignature.Type"/>.</summary>
    public byte Type { get; }

    /// <summary>The key in its type's form: a DER SubjectPublicKeyInfo for ECDSA, 32 bytes for Ed25519.</summary>
    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>The verifier key of a type, with the id computed.</summary>
    /// <param name="name">The key's name.</param>
    /// <param name="type">The signature type.</param>
    /// <param name="publicKey">The key in its type's form. It is copied.</param>
    /// <exception cref="FormatException">The name is not one, the type is unknown, or the key is not one of that type.</exception>
    public static NoteVerifierKey Create(string name, byte type, ReadOnlySpan<byte> publicKey)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Fault(name, type, publicKey) is { } fault ? throw new FormatException(fault) : new NoteVerifierKey(name, type, publicKey.ToArray());
    }

    /// <summary>Reads a vkey, strictly. Never throws for what a stranger sent.</summary>
    /// <param name="text">The line, without a line feed.</param>
    /// <param name="key">The key.</param>
    /// <param name="fault">One sentence on what is wrong with it.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out NoteVerifierKey? key, [NotNullWhen(false)] out string? fault)
    {
        key = null;
        string[] parts = text is { Length: <= LargestText } ? text.Split('+', 3) : [];
        fault = "The verifier key is not of the form name+key id+key.";
        if (parts.Length != 3 || parts[1].Length != KeyIdDigits || !parts[1].All(digit => char.IsAsciiHexDigitLower(digit))) return false;
        if (NoteText.FromBase64(parts[2]) is not { Length: > 1 } content) return false;

        fault = Fault(parts[0], content[0], content.AsSpan(1));
        if (fault is not null) return false;
        var read = new NoteVerifierKey(parts[0], content[0], content[1..]);
        fault = read.KeyId == uint.Parse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) ? null : "The verifier key's id does not belong to its key.";
        key = fault is null ? read : null;
        return fault is null;
    }

    /// <summary>Reads a vkey, strictly.</summary>
    /// <param name="text">The line, without a line feed.</param>
    /// <exception cref="FormatException">It is not one; the message says why.</exception>
    public static NoteVerifierKey Parse(string text) => TryParse(text, out NoteVerifierKey? key, out string? fault) ? key : throw new FormatException(fault);

    /// <summary>The vkey line, without a line feed.</summary>
    public override string ToString() => $"{Name}+{KeyId:x8}+{Convert.ToBase64String([Type, .. _publicKey])}";

    private static string? Fault(string name, byte type, ReadOnlySpan<byte> publicKey) => type switch
    {
        _ when !NoteText.IsName(name) => "The verifier key's name is empty or holds a space, a plus sign or a control character.",
        EcdsaNote.Type => IsP256(publicKey) ? null : "The verifier key is not a P-256 public key.",
        Cosignature.Type => publicKey.Length == Ed25519Length ? null : "The verifier key is not an Ed25519 public key of 32 bytes.",
        _ => $"The verifier key's type 0x{type:x2} is not known here.",
    };

    private static bool IsP256(ReadOnlySpan<byte> publicKey)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(publicKey, out int read);
            return read == publicKey.Length && key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == P256;
        }
        catch (Exception failure) when (failure is CryptographicException or PlatformNotSupportedException)
        {
            // The latter for a curve that nobody knows.
            return false;
        }
    }
}
