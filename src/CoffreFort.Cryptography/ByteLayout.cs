using System.Buffers.Binary;

namespace CoffreFort.Cryptography;

/// <summary>Writes the fixed-length byte strings that bind keys and ciphertexts to their place.</summary>
internal ref struct ByteLayout(Span<byte> destination)
{
    private Span<byte> _rest = destination;

    /// <summary>ASCII label followed by one zero byte.</summary>
    public ByteLayout Label(ReadOnlySpan<byte> label)
    {
        label.CopyTo(_rest);
        _rest[label.Length] = 0;
        _rest = _rest[(label.Length + 1)..];
        return this;
    }

    /// <summary>The 16 bytes of a UUID in the order of its text (RFC 9562).</summary>
    public ByteLayout Uuid(Guid value)
    {
        value.TryWriteBytes(_rest, bigEndian: true, out _);
        _rest = _rest[16..];
        return this;
    }

    public ByteLayout Byte(byte value)
    {
        _rest[0] = value;
        _rest = _rest[1..];
        return this;
    }

    public ByteLayout UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_rest, value);
        _rest = _rest[4..];
        return this;
    }

    public ByteLayout UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_rest, value);
        _rest = _rest[8..];
        return this;
    }

    public ByteLayout Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_rest);
        _rest = _rest[value.Length..];
        return this;
    }

    /// <summary>Ends the layout; a length that was counted wrong is a bug and must not become a weak key.</summary>
    public readonly void End()
    {
        if (!_rest.IsEmpty)
            throw new InvalidOperationException("The layout is shorter than its buffer.");
    }
}
