using CoffreFort.EventStore;

namespace CoffreFort.Server.Features.Operations;

/// <summary>
/// What operators did to the system itself: one stream for all of it, so that whoever holds the operator to account reads one list. An act that
/// changes something is appended here before it takes effect, or with it.
/// </summary>
public sealed record OperatorActs : IAggregate<OperatorActs>
{
    /// <summary>The one stream.</summary>
    public static readonly Guid Stream = Guid.Parse("01980000-c0ff-7e00-8000-00000000ac75");

    public static readonly EventTypes Events = new();

    public static string StreamType => "operator-acts";

    public static OperatorActs Empty { get; } = new();

    public static OperatorActs Evolve(OperatorActs state, IEvent @event) => state;
}
