using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using CoffreFort.Transparency;

namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// Copies one store to another and reads each copy back; length and SHA-256 must be the source's. It changes nothing in the source and overwrites nothing in the target, so
/// it may be ended at any instant and begun again: what is there already is compared, not copied.
/// </summary>
public sealed class BlobCopy(IBlobStore from, IBlobStore to)
{
    private const int AtOnce = 4;
    private const int Step = 1 << 20;

    /// <summary>So many blobs that can't be copied are no single damaged blobs any more.</summary>
    private const int MostFailures = 20;

    private readonly Lock turn = new();

    /// <param name="progress">Called with the bytes of each blob that is done, copied or compared.</param>
    /// <param name="failed">Called with each blob that isn't in the target as it is in the source, and why.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    /// <exception cref="BlobStoreException">A store can't be listed, or many blobs can't be copied.</exception>
    public async Task<BlobCopyResult> RunAsync(Action<long> progress, Action<BlobName, string> failed, CancellationToken cancellation = default)
    {
        // At once, and at the end once more: the wrong way round, it would put back what was erased since.
        if (await from.ReadCheckpointAsync(cancellation) is { } kept && await to.ReadCheckpointAsync(cancellation) is { } there) Continues(there, kept);
        var result = new BlobCopyResult();
        await Parallel.ForEachAsync(from.ListAsync(cancellation), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (entry, stop) =>
        {
            var (copied, fault) = await TryAsync(entry, stop);
            lock (turn)
            {
                result = fault is not null ? result with { Failed = result.Failed + 1 }
                    : copied ? result with { Copied = result.Copied + 1, CopiedBytes = result.CopiedBytes + entry.Length }
                    : result with { Compared = result.Compared + 1 };
                if (fault is not null) failed(entry.Name, fault.InnerException?.Message ?? fault.Message);
                progress(entry.Length);
                if (result.Failed > MostFailures) throw new BlobStoreUnavailableException(fault);
            }
        });
        // Last: it is the mark that all below it is there.
        if (result.Failed == 0) await CopyCheckpointAsync(cancellation);
        return result;
    }

    private async Task<(bool Copied, BlobStoreException? Fault)> TryAsync(BlobEntry entry, CancellationToken cancellation)
    {
        try
        {
            var copied = await to.LengthAsync(entry.Name, cancellation) is null;
            var hash = copied ? await CopyAsync(entry.Name, cancellation) : await HashAsync(from, entry.Name, cancellation);
            var length = await to.LengthAsync(entry.Name, cancellation);
            if (length != entry.Length) return (copied, Differs($"The target has {length?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no"} bytes of it, not {entry.Length}."));
            var there = await HashAsync(to, entry.Name, cancellation);
            return (copied, hash.AsSpan().SequenceEqual(there) ? null : Differs("The target has other bytes of it."));
        }
        catch (BlobStoreException fault)
        {
            return (false, fault);
        }

        static BlobStoreException Differs(string how) => new BlobStoreUnavailableException(new InvalidDataException(how));
    }

    private async Task<byte[]> CopyAsync(BlobName name, CancellationToken cancellation)
    {
        await using var upload = await to.BeginAsync(name, cancellation);
        var hash = await ReadAsync(from, name, bytes => upload.Stream.WriteAsync(bytes, cancellation), cancellation);
        await upload.CommitAsync(cancellation);
        return hash;
    }

    private static Task<byte[]> HashAsync(IBlobStore store, BlobName name, CancellationToken cancellation) => ReadAsync(store, name, _ => ValueTask.CompletedTask, cancellation);

    private static async Task<byte[]> ReadAsync(IBlobStore store, BlobName name, Func<ReadOnlyMemory<byte>, ValueTask> take, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Step);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using var stream = await store.OpenReadAsync(name, cancellationToken: cancellation);
            while (await stream.ReadAsync(buffer, cancellation) is > 0 and var read)
            {
                hash.AppendData(buffer, 0, read);
                await take(buffer.AsMemory(0, read));
            }

            return hash.GetHashAndReset();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task CopyCheckpointAsync(CancellationToken cancellation)
    {
        if (await from.ReadCheckpointAsync(cancellation) is not { } kept) return;
        var there = await to.ReadCheckpointAsync(cancellation);
        if (there?.Note == kept.Note) return;
        if (there is not null && !Continues(there, kept)) return;
        if (!await to.ReplaceCheckpointAsync(kept.Note, there?.Tag, cancellation))
            throw new BlobStoreUnavailableException(new InvalidOperationException("Somebody else writes to the target."));
        if ((await to.ReadCheckpointAsync(cancellation))?.Note != kept.Note)
            throw new BlobStoreUnavailableException(new InvalidDataException("The target does not keep the last checkpoint's copy that it was given."));
    }

    /// <summary>
    /// Whoever copies the wrong way must not put an older checkpoint in the place of a newer one: the newer one is what a journal that lost its end is found out by.
    /// </summary>
    /// <returns>Whether there is anything to replace.</returns>
    private static bool Continues(KeptCheckpoint there, KeptCheckpoint kept)
    {
        var (old, next) = (Read(there), Read(kept));
        if (old.Origin != next.Origin)
            throw new BlobStoreUnavailableException(new InvalidOperationException($"The target keeps a checkpoint of another log, {old.Origin}, and is left as it is. If that log is over, delete its copy of the last checkpoint."));
        if (old.Size > next.Size)
            throw new BlobStoreUnavailableException(new InvalidOperationException(
                $"The target keeps a checkpoint of {old.Size} events, the source one of {next.Size}: the target was used last, and is left as it is."));
        if (old.Size == next.Size && !old.Root.Span.SequenceEqual(next.Root.Span))
            throw new BlobStoreUnavailableException(new InvalidOperationException($"Source and target keep different checkpoints of {old.Size} events: they are not of one journal."));
        return old.Size < next.Size;
    }

    private static Checkpoint Read(KeptCheckpoint kept)
    {
        try
        {
            return Checkpoint.Parse(SignedNote.Parse(Encoding.UTF8.GetBytes(kept.Note)).Text);
        }
        catch (FormatException damaged)
        {
            throw new BlobStoreUnavailableException(new InvalidDataException($"A copy of the last checkpoint can't be read: {damaged.Message}", damaged));
        }
    }
}
