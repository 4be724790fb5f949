namespace CoffreFort.Server.Edges.Blobs;

/// <summary>Appends to an incoming file without a buffer of its own. A failed or cancelled write spoils the whole upload.</summary>
internal sealed class FileBlobWriteStream(FileStream file) : Stream
{
    private long written;
    private long begun;

    /// <summary>Bytes after a gap must never be committed, whichever exception the caller swallowed.</summary>
    public bool Spoilt => begun != written;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => file.CanWrite;
    public override long Length => written;
    public override long Position { get => written; set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        begun += buffer.Length;
        try
        {
            await file.WriteAsync(buffer, cancellationToken);
        }
        catch (Exception failure) when (FileFailure.Is(failure))
        {
            throw FileFailure.From(failure);
        }
        written += buffer.Length;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        begun += buffer.Length;
        try
        {
            file.Write(buffer);
        }
        catch (Exception failure) when (FileFailure.Is(failure))
        {
            throw FileFailure.From(failure);
        }
        written += buffer.Length;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}
