namespace CoffreFort.Server.Operations.Integrity;

/// <summary>Keeps work to so much a second on average, and lets no pause be caught up later. Not safe for concurrent use.</summary>
internal sealed class Pace(double perSecond, TimeProvider clock)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);
    private DateTimeOffset _free = clock.GetUtcNow();

    public async Task SpendAsync(long amount, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        _free = (_free > now ? _free : now) + TimeSpan.FromSeconds(amount / perSecond);
        if (_free - now > Shortest) await Task.Delay(_free - now, clock, cancellation);
    }
}
