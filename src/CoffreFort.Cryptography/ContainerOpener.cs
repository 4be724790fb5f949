using System.Security.Cryptography;

namespace CoffreFort.Cryptography;

/// <summary>
/// Opens a container, whole or any range of it, reading only the chunks the range needs (docs/spec/container.md §6).
/// </summary>
/// <remarks>
/// An opener exists only for a container whose length is possible and whose header commits to this key and context; nothing is
/// decrypted before. Not thread safe.
/// </remarks>
public sealed class ContainerOpener : IDisposable
{
    private readonly ContainerCipher _cipher;

    /// <summary>Checks the length and the commitment.</summary>
    /// <param name="key">The key it was sealed with; it may be disposed once this constructor returns.</param>
    /// <param name="context">The context it was sealed with.</param>
    /// <param name="header">The container's first <see cref="ContainerLayout.HeaderLength"/> bytes.</param>
    /// <param name="sealedLength">The length of the whole container in bytes, header included.</param>
    /// <exception cref="CryptographicFailure">The length, the header, the key or the context is not this container's.</exception>
    public ContainerOpener(SecretKey key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> header, long sealedLength)
    {
        PlaintextLength = ContainerLayout.PlaintextLength(sealedLength);
        if (header.Length != ContainerLayout.HeaderLength)
            throw new CryptographicFailure();
        SealedLength = sealedLength;
        _cipher = new ContainerCipher(key, context, header[..ContainerLayout.SaltLength]);
        if (CryptographicOperations.FixedTimeEquals(_cipher.Commitment, header[ContainerLayout.SaltLength..]))
            return;
        _cipher.Dispose();
        throw new CryptographicFailure();
    }

    /// <summary>The length of the whole container in bytes.</summary>
    public long SealedLength { get; }

    /// <summary>
    /// The length of the plaintext in bytes, as the container's length implies it. It is proven once the final chunk has opened.
    /// </summary>
    public long PlaintextLength { get; }

    /// <summary>The number of chunks, at least one.</summary>
    public long ChunkCount => ContainerLayout.ChunkCount(PlaintextLength);

    /// <summary>Opens one chunk; chunks may be opened in any order.</summary>
    /// <param name="index">The chunk's number, from 0.</param>
    /// <param name="sealedChunk">Its bytes with the tag: all chunks are full but the last.</param>
    /// <param name="destination">Room for the plaintext, a tag shorter.</param>
    /// <returns>The bytes written.</returns>
    /// <exception cref="CryptographicFailure">It is not the chunk of this container at this index; the destination holds zeros.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such chunk.</exception>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public int OpenChunk(long index, ReadOnlySpan<byte> sealedChunk, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, ChunkCount);
        var length = index == ChunkCount - 1 ? (int)(PlaintextLength % ContainerLayout.ChunkLength) : ContainerLayout.ChunkLength;
        if (sealedChunk.Length != length + ContainerLayout.TagLength)
            throw new CryptographicFailure();
        if (destination.Length < length)
            throw new ArgumentException("The destination is too short.", nameof(destination));
        _cipher.Open(index, sealedChunk, destination[..length]);
        return length;
    }

    /// <summary>
    /// The bytes of the container to fetch for a range of the plaintext: whole chunks, and the final chunk, even an empty one,
    /// whenever the range reaches the end, so that the end is proven.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the plaintext.</exception>
    public (long Offset, long Length) SealedRange(long plaintextOffset, long plaintextLength)
    {
        var (first, end) = Chunks(plaintextOffset, plaintextLength);
        var from = ContainerLayout.HeaderLength + first * ContainerLayout.SealedChunkLength;
        var to = end == ChunkCount ? SealedLength : ContainerLayout.HeaderLength + end * ContainerLayout.SealedChunkLength;
        return (from, to - from);
    }

    /// <summary>
    /// Copies a range of the plaintext to <paramref name="destination"/>. No byte of a chunk is written before its tag was checked;
    /// memory is constant, whatever the length.
    /// </summary>
    /// <param name="sealedRange">Exactly the bytes <see cref="SealedRange"/> names: fewer or more are refused.</param>
    /// <param name="plaintextOffset">Where the range starts in the plaintext.</param>
    /// <param name="plaintextLength">The range's length.</param>
    /// <param name="destination">Gets the plaintext; it is neither flushed nor closed.</param>
    /// <param name="cancellationToken">Ends the copy with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="CryptographicFailure">
    /// A chunk is damaged, or the stream is too short or too long. What was written until then is genuine but incomplete: before a damaged
    /// chunk all of the range that stands in earlier ones; nothing of it, nor of the last chunk when bytes follow that one.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the plaintext.</exception>
    public Task OpenRangeAsync(
        Stream sealedRange, long plaintextOffset, long plaintextLength, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sealedRange);
        ArgumentNullException.ThrowIfNull(destination);
        var (first, end) = Chunks(plaintextOffset, plaintextLength);
        var opening = new ContainerOpening(this, sealedRange, first, end)
        {
            Destination = destination,
            SkipAtStart = (int)(plaintextOffset - first * ContainerLayout.ChunkLength),
            Remaining = plaintextLength,
        };
        return opening.RunAsync(cancellationToken);
    }

    /// <summary>Releases the derived key.</summary>
    public void Dispose() => _cipher.Dispose();

    private (long First, long End) Chunks(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, PlaintextLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, PlaintextLength - offset);
        var first = offset / ContainerLayout.ChunkLength;
        if (offset + length == PlaintextLength)
            return (first, ChunkCount);
        return length == 0 ? (first, first) : (first, (offset + length - 1) / ContainerLayout.ChunkLength + 1);
    }
}
