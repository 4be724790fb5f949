namespace CoffreFort.EventStore;

/// <summary>One connection's worth of fetching: takes what waits, in one statement, until nothing does. Safe for concurrent use.</summary>
internal sealed class FetchLane : IAsyncDisposable
{
    private const int Most = 64;

    private readonly FetchConnection _connection;
    private readonly JournalOptions _options;
    private readonly Func<List<StreamFetch>, int, bool> _take;
    private readonly Pump _pump;
    private int _disposed;

    /// <param name="connection">Owned.</param>
    /// <param name="options">How long a statement may take.</param>
    /// <param name="waits">Whether something waits.</param>
    /// <param name="take">Moves what waits into a group of so many at most; false if nothing does.</param>
    public FetchLane(FetchConnection connection, JournalOptions options, Func<bool> waits, Func<List<StreamFetch>, int, bool> take)
    {
        (_connection, _options, _take) = (connection, options, take);
        _pump = new Pump(waits, ServeAsync);
    }

    /// <returns>Whether this call set it going; false when it is under way.</returns>
    public bool Signal() => _pump.Signal();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        while (!_pump.TryHold()) await Task.Delay(1);
        await _connection.DisposeAsync();
    }

    private async Task ServeAsync()
    {
        var group = new List<StreamFetch>();
        while (_take(group, Most))
        {
            await FetchAsync(group);
            group.Clear();
        }
    }

    private async Task GiveUpConnectionAsync()
    {
        try
        {
            await _connection.DisposeAsync();
        }
#pragma warning disable CA1031 // It is broken anyway; those who wait must hear of the failure that broke it.
        catch (Exception)
        {
        }
#pragma warning restore CA1031
    }

    /// <summary>Completes every fetch of the group, whatever happens; never throws.</summary>
    private async Task FetchAsync(List<StreamFetch> group)
    {
        using var timeout = new CancellationTokenSource(_options.GroupTimeout);
        for (var retried = false; ; retried = true)
        {
            try
            {
                await _connection.FetchAsync(group, timeout.Token);
                return;
            }
#pragma warning disable CA1031 // Every caller must learn the outcome, whatever the failure was.
            catch (Exception failure)
            {
                await GiveUpConnectionAsync();
                // A connection that the server had closed while nobody looked (it was restarted) is no reason to refuse anybody; reading twice harms nobody.
                if (!retried && Outage.LostConnection(failure) && !timeout.IsCancellationRequested)
                {
                    foreach (var fetch in group) fetch.Restart();
                    continue;
                }

                foreach (var fetch in group) fetch.Fail(Outage.Translate(failure, "read"));
                return;
            }
#pragma warning restore CA1031
        }
    }
}
