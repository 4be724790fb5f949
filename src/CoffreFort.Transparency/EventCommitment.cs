using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CoffreFort.Transparency;

/// <summary>
/// The 32 bytes that stand for one event in the public log: SHA-256 of the event's canonical bytes.
/// </summary>
/// <remarks>
/// <para>
/// The canonical bytes, integers big-endian, are: the ASCII text <c>coffrefort/event/v1</c> and a line feed ‖ u64 sequence ‖
/// 16-byte id ‖ 16-byte stream id (RFC 9562 byte order) ‖ u64 version ‖ i64 microseconds since 1970-01-01T00:00:00Z ‖
/// u32 length and bytes of the type ‖ the same of the data ‖ the same of the headers.
/// Every variable part carries its length, so two different events never have the same canonical bytes.
/// </para>
/// <para>The commitment is a leaf's <em>data</em>; the leaf's hash is <see cref="MerkleHash.Leaf"/> of it.</para>
/// </remarks>
public static class EventCommitment
{
    /// <summary>The length in bytes of a commitment.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    private const int FixedLength = 20 + 8 + 16 + 16 + 8 + 8 + 4 + 4 + 4;
    private const int LargestOnStack = 1024;

    private static ReadOnlySpan<byte> Context => "coffrefort/event/v1\n"u8;

    /// <summary>Writes the commitment to one event. Pure, and callable from any thread.</summary>
    /// <param name="sequence">The event's position in the journal, from 1.</param>
    /// <param name="id">The event's id.</param>
    /// <param name="streamId">The id of the stream it was appended to.</param>
    /// <param name="version">Its position in that stream, from 1.</param>
    /// <param name="timestampMicroseconds">When it was recorded, in microseconds since 1970-01-01T00:00:00Z.</param>
    /// <param name="typeUtf8">The stored type name, in UTF-8.</param>
    /// <param name="dataUtf8">The body, byte for byte as stored.</param>
    /// <param name="headersUtf8">The headers, byte for byte as stored; empty when the event has none.</param>
    /// <param name="destination">At least <see cref="Length"/> bytes, of which the first <see cref="Length"/> are written.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="sequence"/> or <paramref name="version"/> is negative.</exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="OverflowException">The texts are together longer than an array can be (2 GiB).</exception>
    public static void Compute(
        long sequence,
        Guid id,
        Guid streamId,
        long version,
        long timestampMicroseconds,
        ReadOnlySpan<byte> typeUtf8,
        ReadOnlySpan<byte> dataUtf8,
        ReadOnlySpan<byte> headersUtf8,
        Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequence);
        ArgumentOutOfRangeException.ThrowIfNegative(version);

        // One contiguous buffer and one call: for the usual few hundred bytes that costs half of feeding the fields one by one.
        int length = FixedLength + typeUtf8.Length + dataUtf8.Length + headersUtf8.Length;
        byte[]? rented = length > LargestOnStack ? ArrayPool<byte>.Shared.Rent(length) : null;
        Span<byte> canonical = rented ?? stackalloc byte[LargestOnStack];

        Context.CopyTo(canonical);
        BinaryPrimitives.WriteInt64BigEndian(canonical[20..], sequence);
        id.TryWriteBytes(canonical[28..], bigEndian: true, out _);
        streamId.TryWriteBytes(canonical[44..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(canonical[60..], version);
        BinaryPrimitives.WriteInt64BigEndian(canonical[68..], timestampMicroseconds);
        Span<byte> rest = canonical[76..];
        rest = WriteText(rest, typeUtf8);
        rest = WriteText(rest, dataUtf8);
        WriteText(rest, headersUtf8);

        Sha256.Hash(canonical[..length], destination);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    private static Span<byte> WriteText(Span<byte> destination, ReadOnlySpan<byte> text)
    {
        BinaryPrimitives.WriteInt32BigEndian(destination, text.Length);
        text.CopyTo(destination[4..]);
        return destination[(4 + text.Length)..];
    }
}
