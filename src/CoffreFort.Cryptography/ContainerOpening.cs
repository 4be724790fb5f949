using System.Security.Cryptography;

namespace CoffreFort.Cryptography;

/// <summary>Opens a run of chunks from a stream: for a reader, or only to verify them.</summary>
internal sealed class ContainerOpening(ContainerOpener opener, Stream sealedChunks, long firstChunk, long endChunk) : IBatchSteps
{
    private readonly int _chunksPerBatch = (int)Math.Min(endChunk - firstChunk, BatchPipeline.ChunksPerBatch);
    private long _nextToRead = firstChunk;
    private long _nextToOpen = firstChunk;

    /// <summary>Where the plaintext goes; null when the chunks are only verified.</summary>
    public Stream? Destination { get; init; }

    /// <summary>Also fed with the sealed bytes, when there.</summary>
    public IncrementalHash? Hash { get; init; }

    /// <summary>Bytes of the first chunk that come before the range.</summary>
    public int SkipAtStart { get; set; }

    /// <summary>Bytes of the range still to write.</summary>
    public long Remaining { get; set; }

    // The spare byte of the input is where bytes after the end show.
    public Task RunAsync(CancellationToken cancellationToken) => new BatchPipeline(
        this, _chunksPerBatch * ContainerLayout.SealedChunkLength + 1, _chunksPerBatch * ContainerLayout.ChunkLength).RunAsync(cancellationToken);

    public async Task ReadAsync(Batch batch, CancellationToken cancellationToken)
    {
        var end = Math.Min(endChunk, _nextToRead + _chunksPerBatch);
        batch.IsLast = end == endChunk;
        var expected = (int)((end - _nextToRead) * ContainerLayout.SealedChunkLength);
        if (end == opener.ChunkCount && end > _nextToRead)
            expected += (int)(opener.PlaintextLength % ContainerLayout.ChunkLength) - ContainerLayout.ChunkLength;

        batch.Input.Reset();
        var wanted = batch.IsLast ? expected + 1 : expected;
        var read = await sealedChunks.ReadAtLeastAsync(batch.Input.Free[..wanted], wanted, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (read != expected)
            throw new CryptographicFailure();
        batch.Input.Advance(read);
        _nextToRead = end;
    }

    public Task TransformAsync(Batch batch)
    {
        if (batch.Input.Length >= BatchPipeline.WorthAnotherThread)
            return Task.WhenAll(Task.Run(() => HashCiphertext(batch)), Task.Run(() => Open(batch)));
        HashCiphertext(batch);
        Open(batch);
        return Task.CompletedTask;
    }

    public async Task WriteAsync(Batch batch, CancellationToken cancellationToken)
    {
        var plaintext = batch.Output.Written[Math.Min(SkipAtStart, batch.Output.Length)..];
        SkipAtStart = 0;
        plaintext = plaintext[..(int)Math.Min(Remaining, plaintext.Length)];
        Remaining -= plaintext.Length;
        if (Destination is not null && !plaintext.IsEmpty)
            await Destination.WriteAsync(plaintext, cancellationToken).ConfigureAwait(false);
    }

    private void HashCiphertext(Batch batch) => Hash?.AppendData(batch.Input.Written.Span);

    private void Open(Batch batch)
    {
        batch.Output.Reset();
        for (var rest = batch.Input.Written.Span; !rest.IsEmpty; _nextToOpen++)
        {
            var length = Math.Min(rest.Length, ContainerLayout.SealedChunkLength);
            try
            {
                batch.Output.Advance(opener.OpenChunk(_nextToOpen, rest[..length], batch.Output.Free.Span));
            }
            catch (CryptographicFailure failure)
            {
                // The chunks before it are genuine: what is released does not depend on how many are read at once.
                batch.Fault = failure;
                return;
            }

            rest = rest[length..];
        }
    }
}
