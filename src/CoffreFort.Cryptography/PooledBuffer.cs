using System.Buffers;
using System.Security.Cryptography;

namespace CoffreFort.Cryptography;

/// <summary>A pooled array that is cleared, as far as it was ever filled, before it goes back to the pool.</summary>
internal sealed class PooledBuffer(int capacity) : IDisposable
{
    private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);
    private int _highest;

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public Memory<byte> Free => _bytes.AsMemory(Length, capacity - Length);

    public void Advance(int count)
    {
        Length += count;
        _highest = Math.Max(_highest, Length);
    }

    public void Reset() => Length = 0;

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes.AsSpan(0, _highest));
        ArrayPool<byte>.Shared.Return(_bytes);
    }
}
