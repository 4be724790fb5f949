namespace CoffreFort.Server.Acts;

/// <summary>
/// What a clock could not deal with, for a while: however many they are, they don't fill each of its looks, and each is logged once in that time.
/// Not safe for concurrent use: a clock has its own.
/// </summary>
/// <param name="time">By which the while is measured.</param>
/// <param name="length">How long something is passed over.</param>
public sealed class SetAside(TimeProvider time, TimeSpan length)
{
    private readonly Dictionary<Guid, DateTimeOffset> _since = [];

    /// <summary>From now on, and for the while.</summary>
    public void Add(Guid id) => _since[id] = time.GetUtcNow();

    /// <summary>What is to be passed over now.</summary>
    public IReadOnlyCollection<Guid> Current()
    {
        var now = time.GetUtcNow();
        foreach (var (id, since) in _since.ToList())
        {
            // A clock that was set back must not keep something aside for ever.
            if (now - since >= length || now < since) _since.Remove(id);
        }

        return _since.Keys;
    }
}
