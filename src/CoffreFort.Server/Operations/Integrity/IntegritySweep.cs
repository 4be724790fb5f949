using System.Globalization;
using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Hosting;
using CoffreFort.Server.Keys;
using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>
/// Goes round over leaves, blobs and keys while the server runs, at a bounded rate, on one node at a time: what rots where nobody reads is found before it is needed.
/// </summary>
public sealed class IntegritySweep(
    NpgsqlDataSource database, KeyDatabase keys, Journal journal, IBlobStore blobs, ActRunner acts, SweepRecord record, LogKeys logKeys, IServiceProvider services,
    IConfiguration configuration, TimeProvider clock, ILogger<IntegritySweep> logger) : BackgroundService
{
    private const int PageSize = 200;
    private const double DefaultEvents = 1000;
    private const double DefaultBytes = 8 << 20;
    private static readonly TimeSpan Look = TimeSpan.FromMinutes(1);

    private readonly OneNode _turn = new(database, "integrity-sweep");
    private readonly Pace _events = new(configuration.Positive("Integrity:EventsPerSecond", DefaultEvents), clock);
    private readonly Pace _bytes = new(configuration.Positive("Integrity:BytesPerSecond", DefaultBytes), clock);
    private readonly TimeSpan _every = configuration.Duration("Integrity:Every", TimeSpan.FromDays(1), none: true);
    private readonly TimeSpan _after = configuration.Duration("Integrity:After", TimeSpan.FromMinutes(5), none: true);

    /// <summary>Goes on with the round that was begun, or begins one when it is time, up to its end.</summary>
    /// <returns>Whether a round came to its end; false also when another node is at it.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellation)
    {
        var ended = false;
        await _turn.TryWhileAliveAsync(async turnLost => ended = await RoundIfDueAsync(turnLost), cancellation);
        return ended;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Whatever starts with the server goes first.
        await Task.Delay(_after, clock, stoppingToken);
        using var timer = new PeriodicTimer(Look, clock);
        do
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                logger.LogWarning(failure, "The integrity sweep was interrupted; it goes on where it stood");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<bool> RoundIfDueAsync(CancellationToken cancellation)
    {
        var status = await record.ReadAsync(cancellation);
        if (status.Began is null || status.Ended >= status.Began)
        {
            if (status.Ended + _every > clock.GetUtcNow()) return false;
            status = status with { Position = 0, Began = clock.GetUtcNow() };
        }

        await RoundAsync(status, cancellation);
        return true;
    }

    private async Task RoundAsync(SweepStatus status, CancellationToken cancellation)
    {
        var size = (await journal.HeadAsync(cancellation)).Size;
        while (status.Position < size)
        {
            var until = Math.Min(status.Position + PageSize, size);
            await LeavesAsync(status.Position, until, cancellation);
            foreach (var content in await DepositedContents.RangeAsync(database, status.Position, until, cancellation)) await BlobAsync(content, cancellation);
            await record.MoveAsync(status = status with { Position = until }, cancellation);
        }

        await KeysAsync(cancellation);
        await record.ForgetAsync(status.Began!.Value, cancellation);
        await record.MoveAsync(status with { Ended = clock.GetUtcNow() }, cancellation);
    }

    private async Task LeavesAsync(long after, long until, CancellationToken cancellation)
    {
        var found = new List<Finding>();
        var check = new JournalCheck(database, journal, logKeys, new IntegrityReport(found.Add));
        for (var position = after + 1; position <= until; position++)
        {
            await check.LeafAsync(position, cancellation);
            await _events.SpendAsync(1, cancellation);
        }

        await TellAsync(found, cancellation);
    }

    private async Task BlobAsync(DepositedContent content, CancellationToken cancellation)
    {
        if (await BlobCheck.FaultAsync(blobs, content, read => _bytes.SpendAsync(read, cancellation), cancellation) is not { } fault) return;
        // Erased while the sweep came to it.
        if (await DepositedContents.IsErasedAsync(database, content.Document, cancellation)) return;
        await TellAsync([new Finding(Finding.Kinds.Damaged, Areas.Blobs, $"blob {content.Blob}", $"{fault}; event {content.Position} names it")], cancellation);
        // A store that can't be read now is an outage, and no word about the document.
        if (fault.StartsWith("can't", StringComparison.Ordinal) || !int.TryParse(content.Version, NumberStyles.None, CultureInfo.InvariantCulture, out var version)) return;
        await RecordAsync(content.Document, new IntegrityFailed(version, fault == BlobCheck.Missing ? Findings.Missing : Findings.Damaged), cancellation);
    }

    /// <summary>In the document's history, once.</summary>
    private async Task RecordAsync(Guid document, IntegrityFailed failed, CancellationToken cancellation)
    {
        try
        {
            var history = await journal.FetchStreamAsync(document, cancellation: cancellation);
            if (history.Any(stored => stored.Body.Equals(failed))) return;
            await acts.RunAsync<Document>(Actor.Clockwork("integrity-sweep"), document, (state, _) => state.Erasure.Erased ? Decision.Nothing : Decision.Of(failed), cancellation);
        }
        catch (Exception damaged) when (damaged is System.Text.Json.JsonException or UnknownEventTypeException)
        {
            logger.LogError("A damaged document's history can't be read, so the finding is not in it: {Reason}", damaged.GetType().Name);
        }
    }

    private async Task KeysAsync(CancellationToken cancellation)
    {
        var found = new List<Finding>();
        var report = new IntegrityReport(found.Add);
        await using (var contents = await DepositedContents.ReadAsync(database, report, cancellation))
            await new KeyCheck(keys, services, contents, report) { Pace = () => _events.SpendAsync(1, cancellation) }.RunAsync(null, cancellation);
        await TellAsync(found, cancellation);
    }

    /// <summary>The log has the count only: a blob's name there would outlive its erasure.</summary>
    private async Task TellAsync(List<Finding> found, CancellationToken cancellation)
    {
        var damaged = found.Where(finding => finding.Kind == Finding.Kinds.Damaged).ToList();
        if (damaged.Count == 0) return;
        logger.LogError("The integrity sweep found {Count} damaged things in {Area}; /status and coffrefort fsck name them", damaged.Count, damaged[0].Area);
        foreach (var finding in damaged) await record.AddAsync(finding, clock.GetUtcNow(), cancellation);
    }
}
