namespace CoffreFort.EventStore;

/// <summary>A subscription can't apply an event: it stands right before it until the cause is mended or somebody decides to skip it.</summary>
/// <remarks>The message holds nothing of what the event says.</remarks>
#pragma warning disable CA1032 // Without the event there is nothing to say.
public sealed class PoisonEventException : Exception
#pragma warning restore CA1032
{
    internal PoisonEventException(StoredEvent stored, Exception cause)
        : base($"Event {stored.Position} ({stored.Type}) can't be applied: {Describe(cause)}", cause) => (Position, EventType) = (stored.Position, stored.Type);

    /// <summary>The event's position.</summary>
    public long Position { get; }

    /// <summary>Its stored type name.</summary>
    public string EventType { get; }

    /// <summary>What failed, in words that hold nothing of an event. Safe for concurrent use.</summary>
    /// <param name="cause">What a subscription, or the statement that it made, threw.</param>
    /// <remarks>PostgreSQL's data exceptions (class 22) quote the value, and other messages may: those are not for an operator's eyes.</remarks>
    public static string Describe(Exception cause) => cause switch
    {
        Npgsql.PostgresException { SqlState: ['2', '2', ..] } data when data.MessageText.Contains('"', StringComparison.Ordinal) => $"data exception {data.SqlState}",
        Npgsql.PostgresException reported => $"{reported.MessageText} ({reported.SqlState})",
        UnknownEventTypeException unknown => unknown.Message,
        _ => cause.GetType().Name,
    };
}
