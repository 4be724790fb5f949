namespace CoffreFort.Server.Edges.Blobs;

/// <summary>Reads one answer forward, asynchronously only. The client beneath asks again for the rest when a connection breaks, of the same blob only (<c>If-Match</c>).</summary>
internal sealed class AzureBlobReadStream(Stream answer, long expected) : Stream
{
    private long read;

    public override bool CanRead => answer.CanRead;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var count = await answer.ReadAsync(buffer, cancellationToken);
            read += count;
            // Its reader must not take an early end for the end, nor one blob's bytes for more than it has.
            if (read > expected || (count == 0 && buffer.Length > 0 && read < expected))
                throw new EndOfStreamException($"The store announced {expected} bytes and gave {read}.");
            return count;
        }
        catch (Exception failure) when (AzureFailure.Is(failure, cancellationToken))
        {
            throw AzureFailure.From(failure);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            answer.Dispose();
        base.Dispose(disposing);
    }
}
