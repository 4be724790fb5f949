namespace CoffreFort.Server;

/// <summary>Something CoffreFort stands on can't answer now (journal, blob store, key service): 503 with <c>Retry-After</c>, and nothing was changed.</summary>
public sealed class Unavailable : Exception
{
    public Unavailable() : this("unavailable")
    {
    }

    public Unavailable(string message) : base(message)
    {
    }

    public Unavailable(string message, Exception? cause) : base(message, cause)
    {
    }

    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);
}
