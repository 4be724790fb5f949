using CoffreFort.EventStore;

namespace CoffreFort.Server.Acts;

/// <summary>Puts decisions into a session.</summary>
public static class Decisions
{
    /// <summary>Appends what was decided, or gives the refusal; refuses first when the client insists on another version.</summary>
    public static Refusal? Take<T>(this JournalSession session, EventStream<T> stream, Decision decision, Actor actor)
        where T : class, IAggregate<T>
    {
        if (actor.IfMatch is { } wanted && wanted != stream.Version) return Changed(stream.Version);
        if (decision.Refusal is { } refusal) return refusal;
        stream.Append([.. decision.Events]);
        foreach (var start in decision.Starts) start.Begin(session);
        return null;
    }

    /// <summary>The same for a stream that this act begins, under an id that nobody else can have: it need not be fetched to be known as new.</summary>
    public static Refusal? TakeNew<T>(this JournalSession session, Guid id, Decision decision, Actor actor)
        where T : class, IAggregate<T>
    {
        if (actor.IfMatch is not (null or 0)) return Changed(0);
        if (decision.Refusal is { } refusal) return refusal;
        session.StartStream<T>(id, [.. decision.Events]);
        foreach (var start in decision.Starts) start.Begin(session);
        return null;
    }

    public static Refusal Changed(long version) => new(
        "version-changed", "Cet élément a changé depuis que vous l'avez lu : il en est à la version {0}. Rien n'a été enregistré.", 412)
    {
        Arguments = [version],
    };
}
