namespace CoffreFort.EventStore;

/// <summary>A state that is folded from the events of one stream.</summary>
/// <typeparam name="TSelf">The state itself; immutable.</typeparam>
/// <remarks><see cref="Evolve"/> must be pure: no clock, no I/O, no new ids; the same events always give the same state.</remarks>
#pragma warning disable CA1000 // Static abstract members are how a fold names its start without an instance.
public interface IAggregate<TSelf>
    where TSelf : class, IAggregate<TSelf>
{
    /// <summary>The stored name of this kind of stream, such as <c>document</c>; at most 100 characters, never changed.</summary>
    static abstract string StreamType { get; }

    /// <summary>The state before the first event; what a stream that does not exist folds to.</summary>
    static abstract TSelf Empty { get; }

    /// <summary>The state after <paramref name="event"/>. An event that the fold does not know leaves the state as it is.</summary>
    static abstract TSelf Evolve(TSelf state, IEvent @event);
}
#pragma warning restore CA1000
