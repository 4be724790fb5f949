using System.Buffers;
using System.Buffers.Binary;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// An upload in blocks: one is on its way while the next is filled, so at most two are in memory. What fits into one block is put whole, in one request.
/// </summary>
/// <remarks>
/// Each upload draws an id. It is part of the names of its blocks, so that two writers of one name don't mix them, and is written beside the blob, so that a request that is
/// repeated because its answer was lost knows its own blob. Blocks of an upload that was broken off are never visible; Azure drops them after a week.
/// </remarks>
internal sealed class AzureBlobUpload : BlobUpload
{
    public const int BlockSize = 4 << 20;
    private const int FirstRoom = 256 << 10;

    /// <summary>Azure refuses a block whose bytes are not these; a signed or encrypted connection alone does not see what a proxy within does.</summary>
    private static readonly UploadTransferValidationOptions Hashed = new() { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 };

    private readonly BlockBlobClient blob;
    private readonly BlobName name;
    private readonly Guid id = Guid.NewGuid();
    private readonly List<string> blocks = [];
    private readonly AzureBlobWriteStream stream;
    private readonly CancellationTokenSource abandoned = new();
    private byte[] room = ArrayPool<byte>.Shared.Rent(FirstRoom);
    private int filled;
    private long length;
    private Task? sending;
    private bool over;
    private bool spoilt;
    private int disposed;

    public AzureBlobUpload(BlockBlobClient blob, BlobName name)
    {
        (this.blob, this.name) = (blob, name);
        stream = new AzureBlobWriteStream(this);
    }

    public override Stream Stream => stream;

    public bool Open => !over;

    public long Length => length;

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(over, this);
        // Bytes after a gap must never be committed, whichever exception the caller swallows.
        var unspoilt = !spoilt;
        spoilt = true;
        cancellation.ThrowIfCancellationRequested();
        while (bytes.Length > 0)
        {
            if (filled == room.Length) MakeRoom();
            var step = Math.Min(bytes.Length, Math.Min(room.Length, BlockSize) - filled);
            bytes[..step].CopyTo(room.AsMemory(filled));
            (filled, length, bytes) = (filled + step, length + step, bytes[step..]);
            if (filled == BlockSize) await SendAsync(cancellation);
        }

        spoilt = !unspoilt;
    }

    public override async Task<long> CommitAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (over || spoilt)
            throw new InvalidOperationException("This upload is over: it was committed, aborted, or a write failed.");
        over = true;
        try
        {
            if (blocks.Count == 0) await PutAsync();
            else await PutListAsync();
        }
        catch (RequestFailedException failure) when (AzureFailure.IsCondition(failure) || failure.ErrorCode == BlobErrorCode.InvalidBlockList.ToString())
        {
            // Either somebody else's blob, or ours, put by a request whose answer was lost.
            if (!await IsOursAsync(failure)) throw new BlobAlreadyExistsException(name, failure);
        }
        catch (Exception failure) when (AzureFailure.Is(failure, CancellationToken.None))
        {
            throw AzureFailure.From(failure);
        }

        return length;
    }

    public override async ValueTask DisposeAsync()
    {
        over = true;
        if (Interlocked.Exchange(ref disposed, 1) == 1) return;
        await abandoned.CancelAsync();
        if (sending is { } last) await Task.WhenAny(last);
        abandoned.Dispose();
        var returned = Interlocked.Exchange(ref room, []);
        if (returned.Length > 0) ArrayPool<byte>.Shared.Return(returned);
    }

    private void MakeRoom()
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(room.Length * 4, BlockSize));
        room.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(room);
        room = larger;
    }

    /// <summary>Sends the full block, once the one before has arrived.</summary>
    private async Task SendAsync(CancellationToken cancellation)
    {
        await ArrivedAsync(cancellation);
        var (full, count) = (room, filled);
        (room, filled) = (ArrayPool<byte>.Shared.Rent(BlockSize), 0);
        sending = StageAsync(full, count, NextBlock());
    }

    private async Task ArrivedAsync(CancellationToken cancellation)
    {
        if (sending is null) return;
        try
        {
            await sending.WaitAsync(cancellation);
        }
        catch (Exception failure) when (AzureFailure.Is(failure, cancellation))
        {
            throw AzureFailure.From(failure);
        }
    }

    private async Task StageAsync(byte[] block, int count, string blockId)
    {
        try
        {
            using var content = new MemoryStream(block, 0, count, writable: false);
            await blob.StageBlockAsync(blockId, content, new BlockBlobStageBlockOptions { TransferValidation = Hashed }, abandoned.Token);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private async Task PutAsync()
    {
        using var content = new MemoryStream(room, 0, filled, writable: false);
        await blob.UploadAsync(content, new BlobUploadOptions
        {
            Conditions = AzureBlobStore.Unnamed, Metadata = AzureBlobStore.Mark(id), TransferValidation = Hashed,
            TransferOptions = new StorageTransferOptions { InitialTransferSize = BlockSize, MaximumTransferSize = BlockSize },
        });
    }

    private async Task PutListAsync()
    {
        if (filled > 0) await SendAsync(CancellationToken.None);
        await ArrivedAsync(CancellationToken.None);
        await blob.CommitBlockListAsync(blocks, new CommitBlockListOptions { Conditions = AzureBlobStore.Unnamed, Metadata = AzureBlobStore.Mark(id) });
    }

    private async Task<bool> IsOursAsync(RequestFailedException refused)
    {
        try
        {
            var found = await blob.GetPropertiesAsync();
            return AzureBlobStore.IsMarked(found.Value.Metadata, id) && found.Value.ContentLength == length;
        }
        catch (Exception failure) when (AzureFailure.Is(failure, CancellationToken.None))
        {
            throw AzureFailure.From(failure is RequestFailedException { Status: StatusCodes.Status404NotFound } ? refused : failure);
        }
    }

    /// <summary>All of one length, as Azure wants them.</summary>
    private string NextBlock()
    {
        Span<byte> bytes = stackalloc byte[20];
        id.TryWriteBytes(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes[16..], blocks.Count);
        blocks.Add(Convert.ToBase64String(bytes));
        return blocks[^1];
    }
}
