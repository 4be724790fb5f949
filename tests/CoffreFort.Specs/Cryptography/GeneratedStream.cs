namespace CoffreFort.Specs.Cryptography;

/// <summary>A stream made on the fly: <paramref name="length"/> bytes in reads of at most <paramref name="step"/>, then what <paramref name="atEnd"/> does.</summary>
internal sealed class GeneratedStream(long length, int step = int.MaxValue, Func<CancellationToken, Task>? atEnd = null) : Stream
{
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var count = (int)Math.Min(Math.Min(buffer.Length, step), length - Position);
        if (count == 0 && atEnd is not null)
            await atEnd(cancellationToken);
        for (var end = Position + count; Position < end;)
        {
            // Runs of 1000 equal bytes that depend on the position alone, however the stream is read.
            var run = (int)Math.Min(end - Position, 1000 - Position % 1000);
            buffer.Span[..run].Fill((byte)(Position / 1000 % 251));
            buffer = buffer[run..];
            Position += run;
        }
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
