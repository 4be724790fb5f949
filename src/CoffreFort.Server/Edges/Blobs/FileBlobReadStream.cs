using Microsoft.Win32.SafeHandles;

namespace CoffreFort.Server.Edges.Blobs;

/// <summary>Reads a stretch of a file forward, without a buffer of its own.</summary>
internal sealed class FileBlobReadStream(SafeFileHandle file, long offset, long length) : Stream
{
    private readonly long end = offset + length;
    private long next = offset;

    public override bool CanRead => !file.IsClosed;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = Wanted(buffer.Length);
        try
        {
            return Advance(wanted, wanted == 0 ? 0 : await RandomAccess.ReadAsync(file, buffer[..wanted], next, cancellationToken));
        }
        catch (Exception failure) when (FileFailure.Is(failure))
        {
            throw FileFailure.From(failure);
        }
    }

    public override int Read(Span<byte> buffer)
    {
        var wanted = Wanted(buffer.Length);
        try
        {
            return Advance(wanted, wanted == 0 ? 0 : RandomAccess.Read(file, buffer[..wanted], next));
        }
        catch (Exception failure) when (FileFailure.Is(failure))
        {
            throw FileFailure.From(failure);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }

    private int Wanted(int space)
    {
        ObjectDisposedException.ThrowIf(file.IsClosed, this);
        return (int)Math.Min(space, end - next);
    }

    private int Advance(int wanted, int read)
    {
        // A committed blob never shrinks; if the file did, its reader must not take the early end for the end.
        if (read == 0 && wanted > 0)
            throw new EndOfStreamException("The file became shorter while it was read.");
        next += read;
        return read;
    }
}
