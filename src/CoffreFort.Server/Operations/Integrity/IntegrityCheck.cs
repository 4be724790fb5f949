using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Keys;
using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>
/// Holds everything that is stored against what it must be. It changes nothing, takes constant memory, and goes on past whatever it can't read. The system may run
/// meanwhile: what is only on its way (a lagging view, an upload) is no finding.
/// </summary>
public sealed class IntegrityCheck(
    NpgsqlDataSource journalDatabase, KeyDatabase keyDatabase, Journal journal, LogKeys logKeys, IBlobStore blobs, TimeProvider clock, IServiceProvider services)
{
    /// <param name="report">What is found.</param>
    /// <param name="areas">Of <see cref="Areas.All"/>; null for all.</param>
    /// <param name="sample">Null for everything.</param>
    /// <param name="cancellation">Ends the check.</param>
    public async Task RunAsync(IntegrityReport report, IReadOnlyCollection<string>? areas = null, Sample? sample = null, CancellationToken cancellation = default)
    {
        areas ??= Areas.All;
        if (areas.Contains(Areas.Journal)) await new JournalCheck(journalDatabase, journal, logKeys, report).RunAsync(sample, cancellation);
        if (areas.Contains(Areas.Log)) await new LogCheck(journalDatabase, journal, logKeys, blobs, services, report).RunAsync(sample, cancellation);
        if (areas.Contains(Areas.Views)) await ViewsAsync(report, sample, cancellation);
        if (!areas.Contains(Areas.Blobs) && !areas.Contains(Areas.Keys)) return;
        await using var contents = await DepositedContents.ReadAsync(journalDatabase, report, cancellation);
        if (areas.Contains(Areas.Blobs)) await new BlobCheck(blobs, contents, clock, report).RunAsync(sample, cancellation);
        if (areas.Contains(Areas.Keys)) await new KeyCheck(keyDatabase, services, contents, report).RunAsync(sample, cancellation);
    }

    private async Task ViewsAsync(IntegrityReport report, Sample? sample, CancellationToken cancellation)
    {
        if (sample is not null)
        {
            report.Unchecked(Areas.Views, "coffrefort_views", "a sample leaves the views out, because each row may rest on any event");
            return;
        }

        List<ISubscription> subscriptions;
        try
        {
            subscriptions = [.. services.GetServices<ISubscription>()];
        }
        catch (Exception failure) when (failure is RootKeyRefused or IOException or UnauthorizedAccessException)
        {
            report.Unchecked(Areas.Views, "coffrefort_views", $"views can't be built anew without the keyring: {failure.Message}");
            return;
        }

        await new ViewCheck(journalDatabase, journal, subscriptions, report).RunAsync(cancellation);
    }
}
