using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace CoffreFort.Server.Edges.Blobs;

/// <summary>Blobs as block blobs of one container of Azure Blob Storage, each under its bare name; the copy of the last checkpoint as the blob <c>checkpoint</c> beside them.</summary>
/// <remarks>
/// What is visible is whole: a blob appears by one conditional request (<c>If-None-Match: *</c>). Azure acknowledges what is durable in all its copies. Requests are
/// repeated by the client beneath, and a repeated one recognises what an earlier one did by the id beside the blob.
/// </remarks>
/// <param name="container">The container.</param>
/// <param name="pageSize">How many blobs are listed at once; as many as Azure gives unless set.</param>
public sealed class AzureBlobStore(BlobContainerClient container, int? pageSize = null) : IBlobStore
{
    private const string Checkpoint = "checkpoint";
    private const string Probe = "probe";
    private const string MarkName = "upload";
    private const int ProbeSize = 4096;

    private readonly AzureErasure erasure = new(container);
    private string? keepsErased;

    /// <summary>Only where no blob has the name yet.</summary>
    internal static BlobRequestConditions Unnamed => new() { IfNoneMatch = ETag.All };

    /// <summary>Where the blobs are, for people.</summary>
    public Uri Address => container.Uri;

    /// <summary>
    /// Before first use: makes the container where there is none, writes and erases a blob to see whether this identity may, and finds out whether erased blobs
    /// stay recoverable in this account.
    /// </summary>
    /// <returns>What the account keeps of erased blobs, in words for operators; null when nothing.</returns>
    /// <exception cref="BlobStoreUnavailableException">It can't be used.</exception>
    public async Task<string?> OpenAsync(CancellationToken cancellationToken = default)
    {
        await Try(async () => await container.ExistsAsync(cancellationToken) || await CreateAsync(cancellationToken), cancellationToken);
        return keepsErased = await Try(() => erasure.TryOutAsync(cancellationToken), cancellationToken);
    }

    public Task<BlobUpload> BeginAsync(BlobName name, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<BlobUpload>(new AzureBlobUpload(Blob(name), name));
    }

    public async Task<Stream> OpenReadAsync(BlobName name, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length.GetValueOrDefault(), nameof(length));
        if (length == 0 || offset == long.MaxValue)
            return await LengthAsync(name, cancellationToken) is null ? throw new BlobNotFoundException(name) : Stream.Null;
        var range = length is { } some && some <= long.MaxValue - offset ? new HttpRange(offset, some) : offset > 0 ? new HttpRange(offset) : default;
        return await Try(async () =>
        {
            try
            {
                var answer = (await Blob(name).DownloadStreamingAsync(new BlobDownloadOptions { Range = range }, cancellationToken)).Value;
                return new AzureBlobReadStream(answer.Content, answer.Details.ContentLength);
            }
            catch (RequestFailedException failure) when (failure.Status == StatusCodes.Status416RangeNotSatisfiable)
            {
                return Stream.Null;
            }
            catch (RequestFailedException failure) when (AzureFailure.IsMissing(failure))
            {
                throw new BlobNotFoundException(name, failure);
            }
        }, cancellationToken);
    }

    public Task<long?> LengthAsync(BlobName name, CancellationToken cancellationToken = default) => Try<long?>(async () =>
    {
        try
        {
            return (await Blob(name).GetPropertiesAsync(cancellationToken: cancellationToken)).Value.ContentLength;
        }
        catch (RequestFailedException failure) when (AzureFailure.IsMissing(failure))
        {
            return null;
        }
    }, cancellationToken);

    /// <remarks>
    /// Snapshots go with it, and versions and what a soft deletion left behind, as far as the account lets them. What it keeps all the same is sealed under a key that
    /// erasure destroys; <see cref="ProbeAsync"/> warns of it.
    /// </remarks>
    public Task<bool> DeleteAsync(BlobName name, CancellationToken cancellationToken = default) =>
        Try(() => erasure.EraseAsync(name.ToString(), cancellationToken), cancellationToken);

    public async IAsyncEnumerable<BlobEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var pages = container.GetBlobsAsync(cancellationToken: cancellationToken).AsPages(pageSizeHint: pageSize).GetAsyncEnumerator(cancellationToken);
        while (await Try(async () => await pages.MoveNextAsync(), cancellationToken))
            foreach (var item in pages.Current.Values)
                if (BlobName.TryParse(item.Name, out var name))
                    yield return new BlobEntry(name, item.Properties.ContentLength ?? 0, item.Properties.LastModified ?? DateTimeOffset.MaxValue);
    }

    public async Task<BlobStoreHealth> ProbeAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            using var content = new MemoryStream(new byte[ProbeSize], writable: false);
            // A block that is never committed, replaced by the next probe: no blob, no version, nothing to erase.
            var block = Convert.ToBase64String(Encoding.ASCII.GetBytes(Probe));
            await Try(() => container.GetBlockBlobClient(Probe).StageBlockAsync(block, content, cancellationToken: cancellationToken), cancellationToken);
            return new BlobStoreHealth(true, null, null, keepsErased);
        }
        catch (BlobStoreException failure)
        {
            return new BlobStoreHealth(false, null, failure.InnerException is { } cause ? AzureFailure.Words(cause) : failure.Message);
        }
    }

    public Task<KeptCheckpoint?> ReadCheckpointAsync(CancellationToken cancellationToken = default) => Try(async () =>
    {
        try
        {
            var answer = (await container.GetBlockBlobClient(Checkpoint).DownloadContentAsync(cancellationToken)).Value;
            return new KeptCheckpoint(answer.Content.ToString(), answer.Details.ETag.ToString("G"));
        }
        catch (RequestFailedException failure) when (AzureFailure.IsMissing(failure))
        {
            return null;
        }
    }, cancellationToken);

    public Task<bool> ReplaceCheckpointAsync(string note, string? tag, CancellationToken cancellationToken = default) => Try(async () =>
    {
        var blob = container.GetBlockBlobClient(Checkpoint);
        var id = Guid.NewGuid();
        var conditions = tag is null ? Unnamed : new BlobRequestConditions { IfMatch = new ETag(tag) };
        try
        {
            using var content = new MemoryStream(Encoding.UTF8.GetBytes(note), writable: false);
            await blob.UploadAsync(content, new BlobUploadOptions { Conditions = conditions, Metadata = Mark(id) }, cancellationToken);
            return true;
        }
        catch (RequestFailedException failure) when (AzureFailure.IsCondition(failure))
        {
            // Replaced by somebody else, or by this very request, whose first answer was lost.
            return IsMarked((await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value.Metadata, id);
        }
    }, cancellationToken);

    /// <summary>Beside a blob: which upload put it there.</summary>
    internal static Dictionary<string, string> Mark(Guid upload) => new() { [MarkName] = upload.ToString("n", CultureInfo.InvariantCulture) };

    internal static bool IsMarked(IDictionary<string, string> metadata, Guid upload) =>
        metadata.TryGetValue(MarkName, out var found) && found == upload.ToString("n", CultureInfo.InvariantCulture);

    private BlockBlobClient Blob(BlobName name) => container.GetBlockBlobClient(name.ToString());

    private async Task<bool> CreateAsync(CancellationToken cancellation)
    {
        await container.CreateIfNotExistsAsync(cancellationToken: cancellation);
        return true;
    }

    private static async Task<T> Try<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            return await work();
        }
        catch (Exception failure) when (AzureFailure.Is(failure, cancellation))
        {
            throw AzureFailure.From(failure);
        }
    }
}
