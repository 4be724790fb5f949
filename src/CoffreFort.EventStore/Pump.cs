namespace CoffreFort.EventStore;

/// <summary>
/// Serves a queue by whoever puts something into it and finds nobody serving: a lone call doesn't pay for a hop to another thread. Safe for concurrent use.
/// </summary>
/// <param name="waits">Whether there is something to serve now.</param>
/// <param name="serve">Serves until nothing waits; never throws. Never runs twice at once.</param>
internal sealed class Pump(Func<bool> waits, Func<Task> serve)
{
    private int _running;

    /// <summary>Something was put into the queue, or may be served now.</summary>
    /// <returns>Whether this call set it going; false when it runs already.</returns>
    public bool Signal()
    {
        // What was queued must be seen by a pump that is just giving up: the exchange is a full fence, here and there.
        if (!TryHold()) return false;
        Start();
        return true;
    }

    /// <summary>Keeps the pump from running, for good.</summary>
    /// <returns>False while it runs.</returns>
    public bool TryHold() => Interlocked.CompareExchange(ref _running, 1, 0) == 0;

    /// <summary>The pump serves every caller, so it must run under the context (trace, user, scheduler) of none.</summary>
    private void Start()
    {
        if (SynchronizationContext.Current is not null || TaskScheduler.Current != TaskScheduler.Default)
        {
            ThreadPool.UnsafeQueueUserWorkItem(pump => _ = pump.RunAsync(), this, preferLocal: false);
        }
        else if (ExecutionContext.IsFlowSuppressed())
        {
            _ = RunAsync();
        }
        else
        {
            using (ExecutionContext.SuppressFlow()) _ = RunAsync();
        }
    }

    private async Task RunAsync()
    {
        do
        {
            await serve();
            // A mere volatile write could pass the look at the queue behind it; then a call that came in between would wait for the next one.
            Interlocked.Exchange(ref _running, 0);
        }
        while (waits() && TryHold());
    }
}
