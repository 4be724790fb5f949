using CoffreFort.EventStore;
using CoffreFort.Server.Features.Consents;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>The personnel service announced a posting: the future space sees an arrival, and no document.</summary>
/// <param name="From">The space that the holder leaves; null when there is none.</param>
/// <param name="To">The space where they arrive.</param>
/// <param name="EffectiveOn">The day, in metropolitan France, at whose beginning it takes effect.</param>
public sealed record MutationAnnounced(Guid Vault, Guid? From, Guid To, DateOnly EffectiveOn, Personal? Order, Guid By) : IEvent;

/// <summary>The posting takes effect on another day.</summary>
public sealed record MutationRescheduled(DateOnly EffectiveOn, Guid By) : IEvent;

/// <summary>The posting does not take place: what the handover would have opened never opens.</summary>
public sealed record MutationCancelled(Guid By, Personal? Reason) : IEvent;

/// <summary>The holder accepted the handover and chose what goes; accepting again replaces the choice until it takes effect, and none at all takes it back.</summary>
public sealed record HandoverAccepted(IReadOnlyList<HandoverProcedure> Procedures, Guid By) : IEvent;

/// <summary>The old space's consents that were tied to the posting ended and the new space's began, in this one append.</summary>
public sealed record MutationTookEffect(IReadOnlyList<Guid> Ended, IReadOnlyList<Guid> Granted) : IEvent
{
    /// <summary>Documents that the holder had chosen and that did not go: they were erased since, or are about to be. Null for none.</summary>
    public IReadOnlyList<Guid>? LeftOut { get; init; }
}

/// <summary>A handover accepted after the effective date was carried out.</summary>
public sealed record HandoverCompleted(IReadOnlyList<Guid> Granted) : IEvent;

/// <summary>What the new space will be able to read under one procedure, on the terms that the holder saw when they agreed.</summary>
/// <param name="Days">How long, from the effect on.</param>
/// <param name="Uses">How many reads; null for as many as the period holds.</param>
public sealed record HandoverProcedure(
    string Procedure, string Purpose, string LegalBasis, int Days, int? Uses, int RetentionDays, IReadOnlyList<GrantedPiece> Pieces);

public enum MutationState
{
    None, Announced, Accepted, Effective, Cancelled,
}

/// <summary>A posting elsewhere, from its order to its effect.</summary>
public sealed record Mutation(
    MutationState State, Guid Vault, Guid? From, Guid To, DateOnly EffectiveOn, Personal? Order,
    IReadOnlyList<HandoverProcedure>? Handover, IReadOnlyList<Guid> Granted) : IAggregate<Mutation>
{
    public static readonly EventTypes Events = new EventTypes()
        .Add<MutationAnnounced>("mutation_announced")
        .Add<MutationRescheduled>("mutation_rescheduled")
        .Add<MutationCancelled>("mutation_cancelled")
        .Add<HandoverAccepted>("handover_accepted")
        .Add<MutationTookEffect>("mutation_took_effect")
        .Add<HandoverCompleted>("handover_completed");

    public static string StreamType => "mutation";

    public static Mutation Empty { get; } = new(MutationState.None, Guid.Empty, null, Guid.Empty, default, null, null, []);

    /// <summary>Whether the day has come, in the time of metropolitan France.</summary>
    public bool IsDue(DateTimeOffset now) =>
        State is MutationState.Announced or MutationState.Accepted && now >= FrenchCalendar.StartOf(EffectiveOn);

    /// <summary>The documents of the handover, each once.</summary>
    public IEnumerable<Guid> HandedOver => (Handover ?? []).SelectMany(procedure => procedure.Pieces).Select(piece => piece.Document).Distinct();

    /// <summary>The last instant before it takes effect: what rests on its not having done so is not recorded later.</summary>
    public DateTimeOffset LastInstantBefore => FrenchCalendar.StartOf(EffectiveOn).AddMicroseconds(-1);

    public static Mutation Evolve(Mutation state, IEvent @event) => @event switch
    {
        MutationAnnounced e => new Mutation(MutationState.Announced, e.Vault, e.From, e.To, e.EffectiveOn, e.Order, null, []),
        MutationRescheduled e => state with { EffectiveOn = e.EffectiveOn },
        MutationCancelled => state with { State = MutationState.Cancelled },
        HandoverAccepted e => state with
        {
            State = state.State == MutationState.Effective ? state.State : e.Procedures.Count > 0 ? MutationState.Accepted : MutationState.Announced,
            Handover = e.Procedures,
        },
        MutationTookEffect e => state with { State = MutationState.Effective, Granted = e.Granted },
        HandoverCompleted e => state with { Granted = [.. state.Granted, .. e.Granted] },
        _ => state,
    };
}
