namespace CoffreFort.IntegrationTests.Blobs;

/// <summary>Passes bytes through, exactly as many as it is told to, then fails. Asynchronous only: nothing here may block.</summary>
internal sealed class FaultyStream(Stream inner, Func<CancellationToken, Task> before, Func<long?> failAt, Func<Exception> fault) : Stream
{
    private long passed;

    public bool Failed { get; private set; }

    public override bool CanRead => inner.CanRead;
    public override bool CanSeek => false;
    public override bool CanWrite => inner.CanWrite;
    public override long Length => inner.Length;
    public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await before(cancellationToken);
        var allowed = Allowed(buffer.Length);
        await inner.WriteAsync(buffer[..allowed], cancellationToken);
        passed += allowed;
        if (allowed < buffer.Length)
            throw Fail();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await before(cancellationToken);
        var allowed = Allowed(buffer.Length);
        if (allowed == 0 && buffer.Length > 0)
            throw Fail();
        var read = await inner.ReadAsync(buffer[..allowed], cancellationToken);
        passed += read;
        return read;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private int Allowed(int count) => (int)Math.Min(count, Math.Max(0, (failAt() ?? long.MaxValue) - passed));

    private Exception Fail()
    {
        Failed = true;
        return fault();
    }
}
