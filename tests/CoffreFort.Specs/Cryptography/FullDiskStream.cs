namespace CoffreFort.Specs.Cryptography;

/// <summary>Takes <paramref name="limit"/> bytes, then fails like a full disk.</summary>
internal sealed class FullDiskStream(long limit) : MemoryStream
{
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Length + buffer.Length > limit ? throw new IOException("No space left on device.") : base.WriteAsync(buffer, cancellationToken);
}
