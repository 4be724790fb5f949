using CoffreFort.EventStore;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>A clerk asked a person, for their agency, for what a procedure requires. Requirements are named, never files.</summary>
/// <param name="Purpose">As the catalogue stated it then.</param>
/// <param name="LegalBasis">As the catalogue stated it then.</param>
/// <param name="Situation">The situation flags that the clerk states, which make requirements due or not.</param>
/// <param name="Message">A word from the clerk to the person.</param>
/// <param name="RetentionDays">How long the agency promises at most to keep what it reads.</param>
public sealed record AccessRequested(
    Guid Vault, Guid Agency, Guid Clerk, string Procedure, string Purpose, string LegalBasis,
    IReadOnlyList<string> Situation, Personal? Message, int RetentionDays, DateTimeOffset Expires) : IEvent;

/// <summary>A consent that stands already covers all that was asked: the person is not asked again.</summary>
public sealed record AccessRequestResolved(Guid Consent) : IEvent;

/// <summary>The person agreed, to what the consent says.</summary>
public sealed record AccessApproved(Guid Consent, Guid By) : IEvent;

/// <summary>The person said no.</summary>
public sealed record AccessRefused(Guid By, Personal? Reason) : IEvent;

/// <summary>The agency no longer asks.</summary>
public sealed record AccessRequestWithdrawn(Guid By) : IEvent;

/// <summary>Nobody answered in time.</summary>
public sealed record AccessRequestExpired : IEvent;

public enum AccessRequestState
{
    None, Pending, Approved, Resolved, Refused, Withdrawn, Expired,
}

/// <summary>A request for access, from asking to its one answer.</summary>
public sealed record AccessRequest(AccessRequestState State, AccessRequested? Asked, Guid? Consent) : IAggregate<AccessRequest>
{
    public static readonly EventTypes Events = new EventTypes()
        .Add<AccessRequested>("access_requested")
        .Add<AccessRequestResolved>("access_request_resolved")
        .Add<AccessApproved>("access_approved")
        .Add<AccessRefused>("access_refused")
        .Add<AccessRequestWithdrawn>("access_request_withdrawn")
        .Add<AccessRequestExpired>("access_request_expired");

    public static string StreamType => "access_request";

    public static AccessRequest Empty { get; } = new(AccessRequestState.None, null, null);

    /// <summary>A pending request past its time is expired, whether or not that was recorded yet.</summary>
    public AccessRequestState StateAt(DateTimeOffset now) =>
        State == AccessRequestState.Pending && now >= Asked!.Expires ? AccessRequestState.Expired : State;

    public static AccessRequest Evolve(AccessRequest state, IEvent @event) => @event switch
    {
        AccessRequested e => new AccessRequest(AccessRequestState.Pending, e, null),
        AccessRequestResolved e => state with { State = AccessRequestState.Resolved, Consent = e.Consent },
        AccessApproved e => state with { State = AccessRequestState.Approved, Consent = e.Consent },
        AccessRefused => state with { State = AccessRequestState.Refused },
        AccessRequestWithdrawn => state with { State = AccessRequestState.Withdrawn },
        AccessRequestExpired => state with { State = AccessRequestState.Expired },
        _ => state,
    };
}
