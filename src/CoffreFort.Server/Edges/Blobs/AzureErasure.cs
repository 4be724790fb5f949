using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// Deletes a blob and whatever the account kept of it: snapshots, earlier versions, soft-deleted ones. What Azure deletes softly it deletes for good only where the account
/// allows that (<c>allowPermanentDelete</c>), and only snapshots and versions.
/// </summary>
internal sealed class AzureErasure(BlobContainerClient container)
{
    private const string PermanentProperty = "coffrefort-permanent";
    private const BlobStates Everything = BlobStates.Snapshots | BlobStates.Version | BlobStates.Deleted;

    /// <summary>Deletes of a version become soft deletions, which the next round deletes for good.</summary>
    private const int Rounds = 3;

    /// <returns>Whether there was such a blob.</returns>
    public async Task<bool> EraseAsync(string name, CancellationToken cancellation)
    {
        var existed = (await container.GetBlobClient(name).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellation)).Value;
        await PurgeAsync(name, cancellation);
        return existed;
    }

    /// <summary>Writes and erases a blob of its own.</summary>
    /// <returns>What is kept of it all the same, in words; null when nothing is.</returns>
    public async Task<string?> TryOutAsync(CancellationToken cancellation)
    {
        var name = $"erasure-{Guid.NewGuid():n}";
        await container.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(new byte[1]), cancellation);
        await container.GetBlobClient(name).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellation);
        if (await PurgeAsync(name, cancellation) is not { } kept) return null;
        return kept.Deleted
            ? $"Erased blobs stay recoverable for {kept.Properties.RemainingRetentionDays + 1 ?? 0} days: the account deletes softly and does not let them be deleted for good. Their keys are destroyed at once; for the bytes to go too, turn blob soft delete off."
            : "Erased blobs stay as earlier versions, which this identity may not delete. Their keys are destroyed at once; for the bytes to go too, turn versioning off, or let it delete versions.";
    }

    /// <returns>One of those that remain; null when nothing does.</returns>
    private async Task<BlobItem?> PurgeAsync(string name, CancellationToken cancellation)
    {
        for (var round = 1; ; round++)
        {
            var remains = await RemainsAsync(name, cancellation);
            if (remains.Count == 0 || round > Rounds) return remains.FirstOrDefault();
            foreach (var item in remains) await DeleteAsync(item, cancellation);
        }
    }

    private async Task<List<BlobItem>> RemainsAsync(string name, CancellationToken cancellation)
    {
        var remains = new List<BlobItem>();
        await foreach (var item in container.GetBlobsAsync(states: Everything, prefix: name, cancellationToken: cancellation))
            if (item.Name == name && (item.Deleted || item.Snapshot is not null || item.VersionId is not null))
                remains.Add(item);
        return remains;
    }

    private async Task DeleteAsync(BlobItem item, CancellationToken cancellation)
    {
        var blob = container.GetBlobBaseClient(item.Name);
        if (item.Snapshot is { } snapshot) blob = blob.WithSnapshot(snapshot);
        else if (item.VersionId is { } version) blob = blob.WithVersion(version);
        using var scope = item.Deleted
            ? HttpPipeline.CreateHttpMessagePropertiesScope(new Dictionary<string, object?> { [PermanentProperty] = true })
            : null;
        try
        {
            await blob.DeleteIfExistsAsync(cancellationToken: cancellation);
        }
        catch (RequestFailedException refused) when (refused.Status is >= 400 and < 500 and not StatusCodes.Status429TooManyRequests)
        {
            // The account or the identity does not allow it: what remains says so.
        }
    }

    /// <summary>What the client can't say: delete for good what was deleted softly.</summary>
    internal sealed class PermanentDeletion : HttpPipelineSynchronousPolicy
    {
        public override void OnSendingRequest(HttpMessage message)
        {
            if (message.Request.Method == RequestMethod.Delete && message.TryGetProperty(PermanentProperty, out _))
                message.Request.Uri.AppendQuery("deletetype", "permanent");
        }
    }
}
