using System.Diagnostics.Metrics;
using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Outbox;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Metrics;

/// <summary>What is looked up at a scrape: journal, subscriptions, outbox, blobs. A part that doesn't answer is left out.</summary>
public sealed class Gauges : IDisposable
{
    private readonly Meter _meter = new("CoffreFort.Server");
    private readonly Journal _journal;
    private readonly Subscriptions _subscriptions;
    private readonly MessageOutbox _outbox;
    private readonly IBlobStore _blobs;
    private readonly ViewDatabase _views;
    private readonly LogStatus _log;
    private JournalHead? _head;
    private IReadOnlyList<SubscriptionState> _states = [];
    private OutboxState? _waiting;
    private BlobStoreHealth? _store;
    private LogDelay? _unpublished;
    private long? _documentBytes;
    private DateTime _documentsCounted;

    public Gauges(Journal journal, Subscriptions subscriptions, MessageOutbox outbox, IBlobStore blobs, ViewDatabase views, LogStatus log)
    {
        (_journal, _subscriptions, _outbox, _blobs, _views, _log) = (journal, subscriptions, outbox, blobs, views, log);
        Gauge("coffrefort.journal.size", "Events in the journal.", () => One(_head?.Size));
        Gauge("coffrefort.log.unpublished", "Events that no published checkpoint covers yet.", () => One(_unpublished?.Events));
        Gauge("coffrefort.log.unpublished.seconds", "How long the first of them has waited.", () => One(_unpublished?.Waited.TotalSeconds));
        Gauge("coffrefort.subscription.lag", "Events that have not taken effect yet.", () => Each(state => state.Lag));
        Gauge("coffrefort.subscription.lag.seconds", "Age of the first event that has not taken effect yet.", () => Each(state => state.LagTime.TotalSeconds));
        Gauge("coffrefort.subscription.stopped", "1 while it stands at an event.", () => Each(state => state.Stop is null ? 0 : 1));
        Gauge("coffrefort.subscription.running", "1 while some node runs it.", () => Each(state => state.Node is null ? 0 : 1));
        Gauge("coffrefort.outbox.waiting", "Messages that wait to be sent.", () => One(_waiting?.Waiting));
        Gauge("coffrefort.outbox.oldest.seconds", "How long the oldest of them has waited.", () => One(_waiting?.OldestAge.TotalSeconds));
        Gauge("coffrefort.outbox.dead", "Messages that were given up.", () => One(_waiting?.Dead));
        Gauge("coffrefort.documents.bytes", "Bytes of all documents' contents.", () => One(_documentBytes));
        Gauge("coffrefort.blobs.free.bytes", "Bytes that the blob store has left.", () => One(_store?.FreeBytes));
        Gauge("coffrefort.blobs.writable", "1 while the blob store can be written.", () => One(_store is null ? null : _store.Writable ? 1 : 0));
    }

    public async Task SampleAsync(CancellationToken cancellation)
    {
        _head = await OrNullAsync(() => _journal.HeadAsync(cancellation));
        _unpublished = await OrNullAsync(() => _log.DelayAsync(cancellation));
        _states = await OrNullAsync(() => _subscriptions.StatesAsync(cancellation)) ?? [];
        _waiting = await OrNullAsync(() => _outbox.StateAsync(cancellation));
        _store = await OrNullAsync(() => _blobs.ProbeAsync(cancellation));
        if (DateTime.UtcNow - _documentsCounted < TimeSpan.FromMinutes(1)) return;
        // A sum over all documents: not for every scrape.
        _documentBytes = (await OrNullAsync(() => _views.QueryAsync(
            $"select coalesce(sum(size), 0)::bigint from coffrefort_views.document_list", row => row.GetInt64(0), cancellation)))?[0];
        _documentsCounted = DateTime.UtcNow;
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<double>> One(double? value) => value is { } known ? [new Measurement<double>(known)] : [];

    private static async Task<T?> OrNullAsync<T>(Func<Task<T>> look)
        where T : class
    {
        try
        {
            return await look();
        }
        catch (Exception failure) when (failure is JournalUnavailableException or Npgsql.NpgsqlException or IOException)
        {
            return null;
        }
    }

    private IEnumerable<Measurement<double>> Each(Func<SubscriptionState, double> value) =>
        [.. _states.Select(state => new Measurement<double>(value(state), new KeyValuePair<string, object?>("subscription", state.Name)))];

    private void Gauge(string name, string description, Func<IEnumerable<Measurement<double>>> look) => _meter.CreateObservableGauge(name, look, description: description);
}
