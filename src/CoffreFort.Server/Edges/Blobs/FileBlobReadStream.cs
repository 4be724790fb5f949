using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace CoffreFort.Server.Edges.Blobs;

/// <summary>Reads a stretch of a file forward. The first of it is read by whoever opens it; from then on there is no buffer of its own.</summary>
/// <remarks>
/// Every asynchronous read of a file goes through another thread. A small document's cost more in that than in being read, and its opening is on such a thread
/// already.
/// </remarks>
internal sealed class FileBlobReadStream : Stream
{
    /// <summary>How much of it is read at once when it is opened, in bytes; most small documents whole.</summary>
    internal const int ReadAtOpening = 256 << 10;

    private readonly SafeFileHandle file;
    private readonly long offset;
    private readonly long end;
    private byte[]? ahead;
    private readonly int aheadLength;
    private long next;

    /// <summary>Opens it, on a thread that may wait for a disk.</summary>
    /// <param name="file">The file; disposed with this.</param>
    /// <param name="offset">Where the stretch begins, in bytes.</param>
    /// <param name="length">How long it is, in bytes.</param>
    public FileBlobReadStream(SafeFileHandle file, long offset, long length)
    {
        (this.file, this.offset, end, next) = (file, offset, offset + length, offset);
        ahead = ArrayPool<byte>.Shared.Rent((int)Math.Min(ReadAtOpening, length));
        try
        {
            while (aheadLength < Math.Min(ReadAtOpening, length))
            {
                var read = RandomAccess.Read(file, ahead.AsSpan(aheadLength, (int)Math.Min(ReadAtOpening, length) - aheadLength), offset + aheadLength);
                if (read == 0) throw BecameShorter();
                aheadLength += read;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override bool CanRead => !file.IsClosed;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = Wanted(buffer.Length);
        if (TakeAhead(buffer.Span[..wanted]) is > 0 and var taken) return taken;
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
        if (TakeAhead(buffer[..wanted]) is > 0 and var taken) return taken;
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
        {
            file.Dispose();
            if (Interlocked.Exchange(ref ahead, null) is { } buffer) ArrayPool<byte>.Shared.Return(buffer);
        }

        base.Dispose(disposing);
    }

    private int TakeAhead(Span<byte> buffer)
    {
        var at = next - offset;
        if (at >= aheadLength || buffer.IsEmpty) return 0;
        var taken = (int)Math.Min(buffer.Length, aheadLength - at);
        ahead.AsSpan((int)at, taken).CopyTo(buffer);
        next += taken;
        return taken;
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
            throw BecameShorter();
        next += read;
        return read;
    }

    private static EndOfStreamException BecameShorter() => new("The file became shorter while it was read.");
}
