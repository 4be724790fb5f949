namespace CoffreFort.IntegrationTests.Keys;

/// <summary>Stands still until a test moves it on; timers that are due then have run when that returns.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly List<Timer> _timers = [];
    private DateTimeOffset _now = DateTimeOffset.UtcNow;

    /// <summary>Timers fire as soon as they are set, and this is what they waited for.</summary>
    public List<TimeSpan>? Waited { get; init; }

    public override DateTimeOffset GetUtcNow() => _now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(() => callback(state), _now + dueTime);
        lock (_timers) _timers.Add(timer);
        if (Waited is not null && dueTime > TimeSpan.Zero && dueTime != Timeout.InfiniteTimeSpan)
        {
            lock (Waited) Waited.Add(dueTime);
            ThreadPool.QueueUserWorkItem(_ => timer.Fire());
        }

        return timer;
    }

    public void Advance(TimeSpan by)
    {
        _now += by;
        List<Timer> due;
        lock (_timers) due = [.. _timers.Where(timer => timer.Due <= _now)];
        foreach (var timer in due) timer.Fire();
    }

    private sealed class Timer(Action fire, DateTimeOffset due) : ITimer
    {
        private int _over;

        public DateTimeOffset Due => due;

        public void Fire()
        {
            if (Interlocked.Exchange(ref _over, 1) == 0) fire();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose() => _over = 1;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
