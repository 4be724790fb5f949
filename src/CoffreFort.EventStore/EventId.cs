using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CoffreFort.EventStore;

/// <summary>Ids of events: UUIDv7 (RFC 9562 §5.7), the random bits fetched for many at once. Safe for concurrent use.</summary>
/// <remarks><see cref="Guid.CreateVersion7()"/> asks the kernel for each (docs/performance.md).</remarks>
internal static class EventId
{
    private const int RandomLength = 10;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _used;

    public static Guid Next()
    {
        if (_random is null || _used == _random.Length)
        {
            _random ??= new byte[RandomLength * 256];
            RandomNumberGenerator.Fill(_random);
            _used = 0;
        }

        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() << 16);
        _random.AsSpan(_used, RandomLength).CopyTo(id[6..]);
        _used += RandomLength;
        id[6] = (byte)(0x70 | (id[6] & 0x0f));
        id[8] = (byte)(0x80 | (id[8] & 0x3f));
        return new Guid(id, bigEndian: true);
    }
}
