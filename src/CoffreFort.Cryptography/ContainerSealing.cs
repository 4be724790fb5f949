using System.Security.Cryptography;

namespace CoffreFort.Cryptography;

/// <summary>Seals a stream in one pass, hashing plaintext and ciphertext side by side.</summary>
internal sealed class ContainerSealing(Stream plaintext, Stream ciphertext, ContainerSealer sealer, long maximumLength) : IBatchSteps, IDisposable
{
    private const int InputCapacity = BatchPipeline.ChunksPerBatch * ContainerLayout.ChunkLength;
    private const int OutputCapacity = ContainerLayout.HeaderLength + BatchPipeline.ChunksPerBatch * ContainerLayout.SealedChunkLength;
    private const int HeadLength = 512;

    private readonly IncrementalHash _plaintextHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _ciphertextHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Length { get; private set; }

    /// <summary>The first bytes of the plaintext; null until the first batch was sealed.</summary>
    public byte[]? Head { get; private set; }

    public byte[] PlaintextSha256() => _plaintextHash.GetHashAndReset();

    public byte[] CiphertextSha256() => _ciphertextHash.GetHashAndReset();

    public Task RunAsync(CancellationToken cancellationToken) =>
        new BatchPipeline(this, InputCapacity, OutputCapacity).RunAsync(cancellationToken);

    public async Task ReadAsync(Batch batch, CancellationToken cancellationToken)
    {
        batch.Input.Reset();
        while (!batch.Input.Free.IsEmpty)
        {
            // One byte past the limit is enough to know.
            var wanted = (int)Math.Min(batch.Input.Free.Length - 1, maximumLength - Length) + 1;
            var read = await plaintext.ReadAsync(batch.Input.Free[..wanted], cancellationToken).ConfigureAwait(false);
            batch.Input.Advance(read);
            Length += read;
            if (Length > maximumLength)
                throw new DocumentTooLarge(maximumLength);
            if (read == 0)
            {
                batch.IsLast = true;
                return;
            }
        }
    }

    public Task TransformAsync(Batch batch)
    {
        if (batch.Input.Length >= BatchPipeline.WorthAnotherThread)
            return Task.WhenAll(Task.Run(() => HashPlaintext(batch)), Task.Run(() => Seal(batch)));
        HashPlaintext(batch);
        Seal(batch);
        return Task.CompletedTask;
    }

    public Task WriteAsync(Batch batch, CancellationToken cancellationToken) =>
        ciphertext.WriteAsync(batch.Output.Written, cancellationToken).AsTask();

    public void Dispose()
    {
        _plaintextHash.Dispose();
        _ciphertextHash.Dispose();
    }

    private void HashPlaintext(Batch batch) => _plaintextHash.AppendData(batch.Input.Written.Span);

    private void Seal(Batch batch)
    {
        var rest = batch.Input.Written.Span;
        var output = batch.Output;
        output.Reset();
        if (Head is null)
        {
            Head = rest[..Math.Min(HeadLength, rest.Length)].ToArray();
            sealer.WriteHeader(output.Free.Span);
            output.Advance(ContainerLayout.HeaderLength);
        }
        while (rest.Length >= ContainerLayout.ChunkLength)
        {
            output.Advance(sealer.SealChunk(rest[..ContainerLayout.ChunkLength], output.Free.Span));
            rest = rest[ContainerLayout.ChunkLength..];
        }
        if (batch.IsLast)
            output.Advance(sealer.SealFinalChunk(rest, output.Free.Span));
        _ciphertextHash.AppendData(output.Written.Span);
    }
}
