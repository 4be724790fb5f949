using System.Security.Cryptography;

namespace CoffreFort.Cryptography;

/// <summary>
/// Owns the bytes of one secret key and clears them when disposed.
/// </summary>
/// <remarks>
/// The bytes lie in a pinned array, so that the garbage collector leaves no copies behind. There is deliberately no finalizer:
/// it could clear the bytes while a span from <see cref="Bytes"/> is still in use, and something would be sealed under zeros.
/// For the same reason a key must not be disposed while another thread uses it; reading it from several threads is safe.
/// </remarks>
public sealed class SecretKey : IDisposable
{
    /// <summary>The length of every key CoffreFort generates, in bytes.</summary>
    public const int StandardLength = 32;

    private readonly byte[] _bytes;
    private volatile bool _disposed;

    private SecretKey(int length) => _bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);

    /// <summary>The key's length in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>The key itself. The span must not outlive this object.</summary>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    /// <summary>A new key of <see cref="StandardLength"/> bytes from the system's random generator.</summary>
    public static SecretKey Generate()
    {
        var key = new SecretKey(StandardLength);
        RandomNumberGenerator.Fill(key._bytes);
        return key;
    }

    /// <summary>A key with a copy of <paramref name="bytes"/>; clearing the original is the caller's business.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is empty.</exception>
    public static SecretKey CopyOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            throw new ArgumentException("A secret key has at least one byte.", nameof(bytes));
        var key = new SecretKey(bytes.Length);
        bytes.CopyTo(key._bytes);
        return key;
    }

    /// <summary>Clears the bytes. May be called again.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_bytes);
    }

    /// <summary>Never the bytes: safe in a log or a debugger.</summary>
    public override string ToString() => $"SecretKey({Length} bytes)";
}
