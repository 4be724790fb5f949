using System.Buffers.Binary;

namespace CoffreFort.IntegrationTests.Memory;

/// <summary>A file of any length made while it is read, never held: pages of random bytes, each with its own number in front.</summary>
internal sealed class RepeatableBytes(long length) : Stream
{
    private const int PageLength = 64 * 1024;
    private static readonly byte[] page = MakePage();

    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get => position; set => throw new NotSupportedException(); }

    /// <summary>The bytes from one offset on, without reading what lies before.</summary>
    public static byte[] Slice(long offset, int count)
    {
        var slice = new byte[count];
        Fill(slice, offset);
        return slice;
    }

    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, length - position);
        Fill(buffer[..count], position);
        position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(Read(buffer, offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private static void Fill(Span<byte> target, long offset)
    {
        Span<byte> number = stackalloc byte[8];
        while (target.Length > 0)
        {
            var (index, within) = Math.DivRem(offset, PageLength);
            var part = target[..(int)Math.Min(target.Length, PageLength - within)];
            page.AsSpan((int)within, part.Length).CopyTo(part);
            BinaryPrimitives.WriteInt64BigEndian(number, index);
            if (within < number.Length) number[(int)within..Math.Min(number.Length, (int)within + part.Length)].CopyTo(part);
            target = target[part.Length..];
            offset += part.Length;
        }
    }

    private static byte[] MakePage()
    {
        var bytes = new byte[PageLength];
        new Random(64).NextBytes(bytes);
        return bytes;
    }
}
