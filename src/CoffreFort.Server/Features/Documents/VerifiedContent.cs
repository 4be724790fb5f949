using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;
using CoffreFort.Cryptography;
using Microsoft.Net.Http.Headers;

namespace CoffreFort.Server.Features.Documents;

/// <summary>A version's content that was found whole: it may leave once its read is recorded. Holds its key, and a small one's plaintext, until disposed of.</summary>
public sealed class VerifiedContent(DocumentIdentity identity, StoredContent content, ByteRange range, EntityTagHeaderValue tag, SecretKey key) : IDisposable
{
    private byte[]? _plaintext;
    private Action<long>? _giveBack;

    public DocumentIdentity Identity => identity;

    public StoredContent Content => content;

    /// <summary>What of it was asked for.</summary>
    public ByteRange Range => range;

    public EntityTagHeaderValue Tag => tag;

    /// <summary>As its depositor called it, cleaned.</summary>
    public string FileName { get; set; } = "";

    public SecretKey Key => key;

    /// <summary>All of it, when it was small enough to be kept while its read is recorded; else null.</summary>
    public ReadOnlyMemory<byte>? Plaintext => _plaintext?.AsMemory(0, checked((int)content.Size));

    /// <summary>How many bytes of memory content of this size takes while it is kept: the pool's arrays come in powers of two.</summary>
    public static long RoomFor(long size) => (long)BitOperations.RoundUpToPowerOf2((ulong)size);

    /// <summary>Room to open it into, kept from then on. Asked for once.</summary>
    /// <param name="giveBack">Told how much room it took once it is kept no longer.</param>
    public Stream Keep(Action<long> giveBack)
    {
        _giveBack = giveBack;
        _plaintext = ArrayPool<byte>.Shared.Rent(checked((int)content.Size));
        return new MemoryStream(_plaintext, 0, checked((int)content.Size));
    }

    public void Dispose()
    {
        key.Dispose();
        Interlocked.Exchange(ref _giveBack, null)?.Invoke(RoomFor(content.Size));
        if (Interlocked.Exchange(ref _plaintext, null) is not { } kept) return;
        CryptographicOperations.ZeroMemory(kept.AsSpan(0, checked((int)content.Size)));
        ArrayPool<byte>.Shared.Return(kept);
    }
}
