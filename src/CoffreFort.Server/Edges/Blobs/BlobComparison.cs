using System.Runtime.CompilerServices;

namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// Compares blob store and journal in both directions, in constant memory: a blob without an event is garbage, an event
/// without a blob is a loss.
/// </summary>
public static class BlobComparison
{
    /// <summary>How many names are asked about at once.</summary>
    public const int BatchSize = 500;

    /// <summary>
    /// Goes through the blobs committed at <paramref name="before"/> or earlier. Younger ones may belong to a command
    /// whose event is not durable yet.
    /// </summary>
    public static async IAsyncEnumerable<BlobBatch> BlobsWithoutEventsAsync(
        IBlobStore store,
        FindReferencedBlobs referenced,
        DateTimeOffset before,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var old = store.ListAsync(cancellationToken).Where(entry => entry.Created <= before);
        await foreach (var entries in old.Chunk(BatchSize).WithCancellation(cancellationToken))
        {
            var known = await referenced([.. entries.Select(entry => entry.Name)], cancellationToken);
            yield return new BlobBatch(entries, [.. entries.Where(entry => !known.Contains(entry.Name))]);
        }
    }

    /// <summary>Goes through the names that events refer to (erased documents left out), and returns those with no blob.</summary>
    public static async IAsyncEnumerable<BlobName> EventsWithoutBlobsAsync(
        IBlobStore store,
        IAsyncEnumerable<BlobName> referenced,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var name in referenced.WithCancellation(cancellationToken))
            if (await store.LengthAsync(name, cancellationToken) is null)
                yield return name;
    }
}
