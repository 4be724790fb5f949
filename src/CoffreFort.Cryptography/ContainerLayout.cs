namespace CoffreFort.Cryptography;

/// <summary>
/// Lengths and offsets of the sealed container, all in bytes (docs/spec/container.md §2).
/// </summary>
public static class ContainerLayout
{
    /// <summary>The random salt at the start.</summary>
    public const int SaltLength = 24;

    /// <summary>Salt and key commitment together.</summary>
    public const int HeaderLength = 56;

    /// <summary>Plaintext in every chunk but the last, which is always shorter.</summary>
    public const int ChunkLength = 16384;

    /// <summary>The authentication tag that ends each chunk.</summary>
    public const int TagLength = 16;

    /// <summary>A full chunk with its tag.</summary>
    public const int SealedChunkLength = ChunkLength + TagLength;

    /// <summary>The most chunks one container may have.</summary>
    public const long MaximumChunkCount = 1L << 38;

    /// <summary>The longest plaintext, just under 4 PiB: the last chunk is never full.</summary>
    public const long MaximumPlaintextLength = MaximumChunkCount * ChunkLength - 1;

    /// <summary>The container's length for a plaintext length. There is exactly one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or over <see cref="MaximumPlaintextLength"/>.</exception>
    public static long SealedLength(long plaintextLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(plaintextLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(plaintextLength, MaximumPlaintextLength);
        return HeaderLength + plaintextLength + TagLength * ChunkCount(plaintextLength);
    }

    /// <summary>The plaintext's length for a container's length; check it before reading the container.</summary>
    /// <exception cref="CryptographicFailure">No container has this length: it was cut, or something was appended.</exception>
    public static long PlaintextLength(long sealedLength)
    {
        if (sealedLength < HeaderLength + TagLength)
            throw new CryptographicFailure();
        var (fullChunks, last) = Math.DivRem(sealedLength - HeaderLength, SealedChunkLength);
        if (last < TagLength || fullChunks >= MaximumChunkCount)
            throw new CryptographicFailure();
        return fullChunks * ChunkLength + last - TagLength;
    }

    /// <summary>The number of chunks of a plaintext: at least one, and the last is shorter than the others.</summary>
    internal static long ChunkCount(long plaintextLength) => plaintextLength / ChunkLength + 1;
}
