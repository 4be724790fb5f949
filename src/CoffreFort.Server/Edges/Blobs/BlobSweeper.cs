namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// Deletes blobs without events: what a command stored before its event was refused, conflicted, or never came.
/// </summary>
/// <remarks>
/// A wrong or restored-from-backup journal would make living documents look like garbage. So a pass stops, deleting
/// nothing more, at the first batch of <see cref="SuspiciousFrom"/> blobs or more most of which have no event.
/// </remarks>
public sealed class BlobSweeper(
    IBlobStore store, FindReferencedBlobs referenced, ForgetSweptBlobs forget, TimeProvider clock, ILogger<BlobSweeper> logger) : BackgroundService
{
    /// <summary>An upload may be between "blob stored" and "event durable" for much less than this.</summary>
    public static readonly TimeSpan DefaultMinimumAge = TimeSpan.FromHours(24);

    /// <summary>The batch size from which a majority of garbage is an alarm, not a harvest.</summary>
    public const int SuspiciousFrom = 32;

    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>One pass over the store. Throws when the store can't be listed, the journal can't be asked or keys can't be destroyed.</summary>
    public async Task<SweepResult> SweepAsync(TimeSpan minimumAge, CancellationToken cancellationToken = default)
    {
        var result = new SweepResult();
        var before = clock.GetUtcNow() - minimumAge;
        await foreach (var batch in BlobComparison.BlobsWithoutEventsAsync(store, referenced, before, cancellationToken))
        {
            result = result with { Examined = result.Examined + batch.Entries.Count };
            if (batch.Entries.Count >= SuspiciousFrom && batch.WithoutEvents.Count > batch.Entries.Count / 2)
                return Report(result with { Refused = true });
            if (batch.WithoutEvents.Count > 0) await forget([.. batch.WithoutEvents.Select(entry => entry.Name)], cancellationToken);
            foreach (var entry in batch.WithoutEvents)
                result = await DeleteAsync(entry, result, cancellationToken);
        }
        return Report(result);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(DefaultMinimumAge, stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(failure, "The blob sweep was broken off; the next one is in {Interval}", Interval);
            }
        }
    }

    private async Task<SweepResult> DeleteAsync(BlobEntry entry, SweepResult result, CancellationToken cancellationToken)
    {
        try
        {
            return await store.DeleteAsync(entry.Name, cancellationToken)
                ? result with { Deleted = result.Deleted + 1, DeletedBytes = result.DeletedBytes + entry.Length }
                : result;
        }
        catch (BlobStoreException)
        {
            return result with { Failed = result.Failed + 1 };
        }
    }

    // Counts only: a blob's name in a log would outlive its erasure.
    private SweepResult Report(SweepResult result)
    {
        if (result.Refused)
            logger.LogError("The blob sweep stopped: most of the blobs it looked at have no event. Do this blob store and this journal belong together? {Result}", result);
        else if (result.Deleted > 0 || result.Failed > 0)
            logger.LogInformation("Swept blobs without events: {Result}", result);
        return result;
    }
}
