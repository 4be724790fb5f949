using System.Buffers;
using System.Security.Cryptography;
using CoffreFort.Cryptography;
using Microsoft.Net.Http.Headers;

namespace CoffreFort.Server.Features.Documents;

/// <summary>A version's content that was found whole: it may leave once its read is recorded. Holds its key, and a small one's plaintext, until disposed of.</summary>
public sealed class VerifiedContent(DocumentIdentity identity, StoredContent content, ByteRange range, EntityTagHeaderValue tag, string fileName, SecretKey key) : IDisposable
{
    private byte[]? _plaintext;
    private Action<long>? _giveBack;

    public DocumentIdentity Identity => identity;

    public StoredContent Content => content;

    /// <summary>What of it was asked for.</summary>
    public ByteRange Range => range;

    public EntityTagHeaderValue Tag => tag;

    /// <summary>As its depositor called it, cleaned.</summary>
    public string FileName => fileName;

    public SecretKey Key => key;

    /// <summary>All of it, when it was small enough to be kept while its read is recorded; else null.</summary>
    public ReadOnlyMemory<byte>? Plaintext => _plaintext?.AsMemory(0, checked((int)content.Size));

    /// <summary>Room to open it into, kept from then on. Asked for once.</summary>
    /// <param name="giveBack">Told its size once it is kept no longer.</param>
    public Stream Keep(Action<long> giveBack)
    {
        _giveBack = giveBack;
        _plaintext = ArrayPool<byte>.Shared.Rent(checked((int)content.Size));
        return new MemoryStream(_plaintext, 0, checked((int)content.Size));
    }

    public void Dispose()
    {
        key.Dispose();
        if (_plaintext is not { } kept) return;
        _plaintext = null;
        CryptographicOperations.ZeroMemory(kept.AsSpan(0, checked((int)content.Size)));
        ArrayPool<byte>.Shared.Return(kept);
        _giveBack?.Invoke(content.Size);
    }
}
