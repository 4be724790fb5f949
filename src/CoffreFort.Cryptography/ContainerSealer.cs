using System.Security.Cryptography;

namespace CoffreFort.Cryptography;

/// <summary>
/// Seals one plaintext into one container, chunk after chunk (docs/spec/container.md).
/// </summary>
/// <remarks>
/// One object seals one ciphertext and no more: write the header first, every full chunk in order, then the final shorter chunk.
/// Not thread safe.
/// </remarks>
public sealed class ContainerSealer : IDisposable
{
    private readonly byte[] _salt;
    private readonly ContainerCipher _cipher;
    private long _next;
    private bool _finished;

    /// <summary>Starts a container under a fresh random salt.</summary>
    /// <param name="key">The key, 32 bytes, uniformly random; it may be disposed once this constructor returns.</param>
    /// <param name="context">What the ciphertext is bound to; opening needs the same bytes. May be empty.</param>
    /// <exception cref="CryptographicFailure">The key has another length.</exception>
    public ContainerSealer(SecretKey key, ReadOnlySpan<byte> context)
        : this(key, context, RandomNumberGenerator.GetBytes(ContainerLayout.SaltLength))
    {
    }

    /// <summary>For test vectors only: a salt used twice with one key would break both ciphertexts.</summary>
    internal ContainerSealer(SecretKey key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> salt)
    {
        _cipher = new ContainerCipher(key, context, salt);
        _salt = salt.ToArray();
    }

    /// <summary>Writes the <see cref="ContainerLayout.HeaderLength"/> bytes that go before the first chunk.</summary>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void WriteHeader(Span<byte> destination)
    {
        _salt.CopyTo(destination);
        _cipher.Commitment.CopyTo(destination[_salt.Length..]);
    }

    /// <summary>Seals the next full chunk: <see cref="ContainerLayout.ChunkLength"/> bytes in, a tag more out.</summary>
    /// <returns>The bytes written, <see cref="ContainerLayout.SealedChunkLength"/>.</returns>
    /// <exception cref="ArgumentException">The plaintext is not a full chunk, or the destination is too short.</exception>
    /// <exception cref="InvalidOperationException">The container is finished, or would pass its greatest length.</exception>
    public int SealChunk(ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        if (plaintext.Length != ContainerLayout.ChunkLength)
            throw new ArgumentException("Every chunk but the final one is full.", nameof(plaintext));
        // The last index stays free for the final chunk, without which the container could never be opened.
        if (_next >= ContainerLayout.MaximumChunkCount - 1)
            throw new InvalidOperationException("A container has at most 2^38 chunks.");
        return Seal(plaintext, destination);
    }

    /// <summary>Seals the final chunk, shorter than <see cref="ContainerLayout.ChunkLength"/> and perhaps empty, and finishes.</summary>
    /// <returns>The bytes written: a tag more than the plaintext.</returns>
    /// <exception cref="ArgumentException">The plaintext is a full chunk or more, or the destination is too short.</exception>
    /// <exception cref="InvalidOperationException">The container is finished already.</exception>
    public int SealFinalChunk(ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        if (plaintext.Length >= ContainerLayout.ChunkLength)
            throw new ArgumentException("The final chunk is shorter than the others.", nameof(plaintext));
        var written = Seal(plaintext, destination);
        _finished = true;
        return written;
    }

    /// <summary>Releases the derived key.</summary>
    public void Dispose() => _cipher.Dispose();

    private int Seal(ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        if (_finished)
            throw new InvalidOperationException("The container is finished; each ciphertext has its own sealer.");
        var length = plaintext.Length + ContainerLayout.TagLength;
        if (destination.Length < length)
            throw new ArgumentException("The destination is too short.", nameof(destination));
        _cipher.Seal(_next, plaintext, destination[..length]);
        _next++;
        return length;
    }
}
