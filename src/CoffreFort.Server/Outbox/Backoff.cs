namespace CoffreFort.Server.Outbox;

/// <summary>How long to wait before the next try: doubling, bounded, and never for all at the same moment.</summary>
public static class Backoff
{
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>What a receiver may ask for at most.</summary>
    public static readonly TimeSpan MostAskedFor = TimeSpan.FromHours(6);

    /// <param name="attempts">How many tries failed; at least 1.</param>
    /// <param name="first">The pause after the first.</param>
    /// <param name="askedFor">What the receiver asked for; waited for at least, within reason.</param>
    /// <param name="chance">In [0, 1): the pause lies between half of what it could be and all of it.</param>
    public static TimeSpan Pause(int attempts, TimeSpan first, TimeSpan? askedFor, double chance)
    {
        var whole = first.TotalSeconds * Math.Pow(2, Math.Min(attempts - 1, 30));
        var pause = TimeSpan.FromSeconds(Math.Min(whole, Longest.TotalSeconds) * (0.5 + chance / 2));
        var asked = askedFor is { } wish ? wish < MostAskedFor ? wish : MostAskedFor : TimeSpan.Zero;
        return asked > pause ? asked : pause;
    }
}
