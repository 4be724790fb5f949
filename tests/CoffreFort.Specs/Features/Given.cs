using CoffreFort.EventStore;
using CoffreFort.Server;

namespace CoffreFort.Specs.Features;

/// <summary>Reads as the rule it states: given these events, when this is asked, then these events, or this refusal.</summary>
/// <example><code>Given.Stream&lt;Consent&gt;(granted, revoked).When(state => ReadEvidence.Decide(state, read, now)).ThenRefused("not-found");</code></example>
public static class Given
{
    public static GivenState<T> Stream<T>(params IEnumerable<IEvent> events)
        where T : class, IAggregate<T> => new(events.Aggregate(T.Empty, T.Evolve));

    public static GivenState<T> Nothing<T>()
        where T : class, IAggregate<T> => new(T.Empty);
}

public sealed record GivenState<T>(T State)
{
    public Decided When(Func<T, Decision> decide) => new(decide(State));
}

public sealed record Decided(Decision Decision)
{
    public void Then(params IEvent[] events)
    {
        Assert.Null(Decision.Refusal);
        Assert.Equal(events.Length, Decision.Events.Count);
        foreach (var (expected, actual) in events.Zip(Decision.Events)) Assert.Equivalent(expected, actual, strict: true);
    }

    public void ThenNothing() => Then();

    public void ThenRefused(string code)
    {
        Assert.Equal(code, Decision.Refusal?.Code);
        Assert.Empty(Decision.Events);
    }
}
