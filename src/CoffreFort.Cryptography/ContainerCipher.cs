using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CoffreFort.Cryptography;

/// <summary>
/// The keyed part that sealing and opening share: key derivation, chunk nonces, and one reused cipher object
/// (docs/spec/container.md §3 and §5). Not thread safe, because <see cref="AesGcm"/> is not.
/// </summary>
internal sealed class ContainerCipher : IDisposable
{
    private const int KeyLength = 32;
    private const int NonceLength = 12;
    private const int CommitmentLength = ContainerLayout.HeaderLength - ContainerLayout.SaltLength;

    private readonly AesGcm _aes;
    private readonly byte[] _baseNonce;

    /// <summary>Derives the message key, the base nonce and the commitment.</summary>
    /// <exception cref="CryptographicFailure">The key is not 32 bytes long.</exception>
    public ContainerCipher(SecretKey key, ReadOnlySpan<byte> context, ReadOnlySpan<byte> salt)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentOutOfRangeException.ThrowIfNotEqual(salt.Length, ContainerLayout.SaltLength, nameof(salt));
        if (key.Length != KeyLength)
            throw new CryptographicFailure();

        var label = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM"u8;
        var info = new byte[label.Length + 1 + salt.Length + context.Length];
        new ByteLayout(info).Label(label).Bytes(salt).Bytes(context).End();
        Span<byte> material = stackalloc byte[KeyLength + NonceLength + CommitmentLength];
        HkdfExpand.Sha512(key.Bytes, info, material);
        _aes = new AesGcm(material[..KeyLength], ContainerLayout.TagLength);
        _baseNonce = material.Slice(KeyLength, NonceLength).ToArray();
        Commitment = material[(KeyLength + NonceLength)..].ToArray();
        CryptographicOperations.ZeroMemory(material);
    }

    /// <summary>What the header must carry for this key, salt and context, 32 bytes.</summary>
    public byte[] Commitment { get; }

    /// <summary>Seals one chunk; <paramref name="destination"/> is exactly a tag longer.</summary>
    public void Seal(long index, ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        WriteNonce(index, nonce);
        _aes.Encrypt(nonce, plaintext, destination[..plaintext.Length], destination[plaintext.Length..]);
    }

    /// <summary>Opens one chunk; <paramref name="destination"/> is exactly a tag shorter, and holds zeros after a failure.</summary>
    /// <exception cref="CryptographicFailure">The chunk is not the one that was sealed at this index.</exception>
    public void Open(long index, ReadOnlySpan<byte> sealedChunk, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        WriteNonce(index, nonce);
        try
        {
            _aes.Decrypt(nonce, sealedChunk[..destination.Length], sealedChunk[destination.Length..], destination);
        }
        catch (CryptographicException)
        {
            CryptographicOperations.ZeroMemory(destination);
            throw new CryptographicFailure();
        }
    }

    public void Dispose() => _aes.Dispose();

    private void WriteNonce(long index, Span<byte> nonce)
    {
        if (index is < 0 or >= ContainerLayout.MaximumChunkCount)
            throw new ArgumentOutOfRangeException(nameof(index), index, "A container has at most 2^38 chunks.");
        _baseNonce.CopyTo(nonce);
        var counter = nonce[4..];
        BinaryPrimitives.WriteUInt64BigEndian(counter, BinaryPrimitives.ReadUInt64BigEndian(counter) ^ (ulong)index);
    }
}
