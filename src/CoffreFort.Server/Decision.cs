using CoffreFort.EventStore;

namespace CoffreFort.Server;

/// <summary>What a pure <c>Decide</c> answers: events, or a refusal; never both.</summary>
public sealed record Decision
{
    private Decision()
    {
    }

    public Refusal? Refusal { get; private init; }

    /// <summary>For the stream that was decided on. None at all means that things already stand as asked.</summary>
    public IReadOnlyList<IEvent> Events { get; private init; } = [];

    /// <summary>New streams that the same act begins, in the same append.</summary>
    public IReadOnlyList<NewStream> Starts { get; private init; } = [];

    public static Decision Nothing { get; } = new();

    public static Decision Of(params IReadOnlyList<IEvent> events) => new() { Events = events };

    public static Decision Refuse(Refusal refusal) => new() { Refusal = refusal };

    public static implicit operator Decision(Refusal refusal) => Refuse(refusal);

    public Decision AndStart<T>(Guid id, params IReadOnlyList<IEvent> events)
        where T : class, IAggregate<T> =>
        this with { Starts = [.. Starts, new NewStream<T>(id, events)] };
}

/// <param name="Id">The new stream's id, made by the caller of <c>Decide</c>.</param>
/// <param name="Events">Its first events.</param>
public abstract record NewStream(Guid Id, IReadOnlyList<IEvent> Events)
{
    /// <summary>Puts them into a session; knows the stream's type.</summary>
    public abstract void Begin(JournalSession session);
}

public sealed record NewStream<T>(Guid Id, IReadOnlyList<IEvent> Events) : NewStream(Id, Events)
    where T : class, IAggregate<T>
{
    public override void Begin(JournalSession session) => session.StartStream<T>(Id, [.. Events]);
}
