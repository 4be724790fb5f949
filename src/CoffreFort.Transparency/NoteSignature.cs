using System.Buffers.Binary;

namespace CoffreFort.Transparency;

/// <summary>One signature line of a signed note (C2SP signed-note): a key's name, its id, and the signature itself, which is not interpreted here.</summary>
/// <remarks>Immutable; safe for use from any thread.</remarks>
public sealed class NoteSignature
{
    private const int KeyIdLength = 4;
    private const string Dash = "\u2014 ";

    private readonly byte[] _bytes;

    /// <summary>Holds a signature. The bytes are copied.</summary>
    /// <param name="name">The key's name: not empty, without Unicode spaces, plus signs and control characters.</param>
    /// <param name="keyId">The key's id, the first four bytes of a hash as a big-endian number.</param>
    /// <param name="bytes">The signature, at least one byte, without the key id.</param>
    /// <exception cref="ArgumentException">The name is not one, or there are no bytes.</exception>
    public NoteSignature(string name, uint keyId, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!NoteText.IsName(name)) throw new ArgumentException($"'{name}' cannot be a key's name.", nameof(name));
        if (bytes.IsEmpty) throw new ArgumentException("A signature has at least one byte.", nameof(bytes));
        Name = name;
        KeyId = keyId;
        _bytes = bytes.ToArray();
    }

    /// <summary>The name of the key that is said to have signed.</summary>
    public string Name { get; }

    /// <summary>The id of that key. Name and id together tell which key and which algorithm; neither proves anything before the signature is verified.</summary>
    public uint KeyId { get; }

    /// <summary>The signature without the key id, in the form that its type prescribes.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The line of the note, without its line feed: em dash, space, name, space, base 64 of key id and signature.</summary>
    public override string ToString()
    {
        var content = new byte[KeyIdLength + _bytes.Length];
        BinaryPrimitives.WriteUInt32BigEndian(content, KeyId);
        _bytes.CopyTo(content, KeyIdLength);
        return $"{Dash}{Name} {Convert.ToBase64String(content)}";
    }

    /// <summary>Reads one line without its line feed; null when it is not exactly of this form.</summary>
    internal static NoteSignature? FromLine(string line)
    {
        if (!line.StartsWith(Dash, StringComparison.Ordinal)) return null;
        string[] parts = line[Dash.Length..].Split(' ');
        if (parts.Length != 2 || !NoteText.IsName(parts[0])) return null;
        byte[]? content = NoteText.FromBase64(parts[1]);
        return content is { Length: > KeyIdLength }
            ? new NoteSignature(parts[0], BinaryPrimitives.ReadUInt32BigEndian(content), content.AsSpan(KeyIdLength))
            : null;
    }
}
