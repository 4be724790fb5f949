using System.Globalization;
using System.Security.Cryptography;
using CoffreFort.Server.Edges.Blobs;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>Blobs against the lengths and hashes that events state; and the blobs that no event names, apart.</summary>
internal sealed class BlobCheck(IBlobStore blobs, DepositedContents contents, TimeProvider clock, IntegrityReport report)
{
    public const string Missing = "is missing";

    public async Task RunAsync(Sample? sample, CancellationToken cancellation)
    {
        if (await StoreFaultAsync(cancellation) is { } outOfReach)
        {
            // One volume that is not mounted is not as many damaged blobs.
            report.Damaged(Areas.Blobs, "blob store", $"can't be read, so that none of its blobs was looked at: {outOfReach}");
            return;
        }

        var done = 0L;
        var last = 0L;
        while (await contents.PageAsync(last, cancellation) is { Count: > 0 } page)
        {
            foreach (var content in page)
            {
                if (sample is null || sample.Takes(contents.Count)) await VerifyAsync(content, cancellation);
                report.Progress(Areas.Blobs, ++done, contents.Count);
            }

            last = page[^1].Position;
        }

        if (sample is null) await TryUnclaimedAsync(cancellation);
    }

    private async Task TryUnclaimedAsync(CancellationToken cancellation)
    {
        if (!contents.Complete)
        {
            report.Unchecked(Areas.Blobs, "blob store", "which blobs no event names is not known as long as events can't be read");
            return;
        }

        try
        {
            await UnclaimedAsync(cancellation);
        }
        catch (BlobStoreException failure)
        {
            report.Damaged(Areas.Blobs, "blob store", $"can't be listed to its end: {failure.InnerException?.Message ?? failure.Message}");
        }
    }

    private async Task<string?> StoreFaultAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (var _ in blobs.ListAsync(cancellation)) break;
            return null;
        }
        catch (BlobStoreException failure)
        {
            return failure.InnerException?.Message ?? failure.Message;
        }
    }

    private async Task VerifyAsync(DepositedContent content, CancellationToken cancellation)
    {
        report.LookedAt("blobs");
        if (await FaultAsync(blobs, content, null, cancellation) is { } fault && (await contents.ErasedSinceAsync([content.Document], cancellation)).Count == 0)
            report.Damaged(Areas.Blobs, $"blob {content.Blob}", $"{fault}; event {content.Position} names it");
    }

    /// <param name="blobs">The store.</param>
    /// <param name="content">What the event says.</param>
    /// <param name="pace">Called with the bytes of each step, before the next one.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What is the matter with the blob; null when nothing is.</returns>
    internal static async Task<string?> FaultAsync(IBlobStore blobs, DepositedContent content, Func<int, Task>? pace, CancellationToken cancellation)
    {
        if (!BlobName.TryParse(content.Blob, out var name) || !long.TryParse(content.Length, NumberStyles.None, CultureInfo.InvariantCulture, out var stated))
            return "is not the name and length of a blob";
        try
        {
            if (await blobs.LengthAsync(name, cancellation) is not { } length) return Missing;
            if (length != stated) return $"is {length} bytes long, not {stated}";
            return await HashAsync(blobs, name, pace, cancellation) == content.Sha256 ? null : "is not what was sealed";
        }
        catch (BlobNotFoundException)
        {
            return Missing;
        }
        catch (BlobStoreException failure)
        {
            return $"can't be read: {failure.InnerException?.Message ?? failure.Message}";
        }
    }

    private static async Task<string> HashAsync(IBlobStore blobs, BlobName name, Func<int, Task>? pace, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 * 1024];
        await using var stored = await blobs.OpenReadAsync(name, cancellationToken: cancellation);
        while (await stored.ReadAsync(buffer, cancellation) is > 0 and var read)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            if (pace is not null) await pace(read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A younger blob may belong to an upload whose event is on its way.</summary>
    private async Task UnclaimedAsync(CancellationToken cancellation)
    {
        var before = clock.GetUtcNow() - BlobSweeper.DefaultMinimumAge;
        await foreach (var entries in blobs.ListAsync(cancellation).Where(entry => entry.Created <= before).Chunk(DepositedContents.PageSize).WithCancellation(cancellation))
        {
            var named = await contents.NamedAsync([.. entries.Select(entry => entry.Name.ToString())], cancellation);
            foreach (var entry in entries.Where(entry => !named.Contains(entry.Name.ToString())))
                report.Garbage(Areas.Blobs, $"blob {entry.Name}", $"no event names its {entry.Length} bytes of {entry.Created:yyyy-MM-dd}");
        }
    }
}
