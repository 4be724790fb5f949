using CoffreFort.EventStore;

namespace CoffreFort.Server.Features.Audits;

/// <summary>An auditor opened an audit: who, why, over what, until when. Auditing leaves its own trace.</summary>
/// <param name="Vaults">The vaults it is about; empty for all.</param>
public sealed record AuditOpened(Guid Auditor, Personal Reason, IReadOnlyList<Guid> Vaults, DateTimeOffset Until) : IEvent;

/// <summary>The auditor asked something; the answer left only after this was durable.</summary>
/// <param name="At">The past instant that was asked about.</param>
public sealed record AuditQueried([property: OneOf(typeof(Questions))] string Question, Guid Vault, DateTimeOffset? At) : IEvent;

/// <summary>An audit: its scope and its end.</summary>
public sealed record Audit(AuditOpened? Opened) : IAggregate<Audit>
{
    public static readonly EventTypes Events = new EventTypes()
        .Add<AuditOpened>("audit_opened")
        .Add<AuditQueried>("audit_queried");

    public static string StreamType => "audit";

    public static Audit Empty { get; } = new((AuditOpened?)null);

    public static Audit Evolve(Audit state, IEvent @event) => @event switch
    {
        AuditOpened e => new Audit(e),
        _ => state,
    };
}
