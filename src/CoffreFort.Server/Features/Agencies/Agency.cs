using CoffreFort.EventStore;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>An agency (or an ATLAS space, which is one) may ask for evidence here.</summary>
/// <param name="Kind">As the catalogue names the kinds that may ask: <c>caf</c>, <c>town-hall</c>, <c>atlas</c>.</param>
/// <param name="SiteCode">For a space: its site code.</param>
/// <param name="Garrison">For a space: its garrison.</param>
public sealed record AgencyRegistered(string Name, string Kind, string? SiteCode, string? Garrison) : IEvent;

/// <summary>A person acts for the agency from now on.</summary>
public sealed record ClerkAppointed(Guid Clerk, Personal Name) : IEvent;

/// <summary>A person no longer acts for the agency.</summary>
public sealed record ClerkDismissed(Guid Clerk) : IEvent;

/// <summary>A habilitation: the agency may ask for these evidence types under this procedure, until an instant. A later one replaces it.</summary>
public sealed record ProcedureDeclared(string Procedure, IReadOnlyList<string> EvidenceTypes, DateTimeOffset? Until) : IEvent;

/// <summary>The habilitation for a procedure ended.</summary>
public sealed record ProcedureWithdrawn(string Procedure) : IEvent;

/// <summary>The agency's right to ask under one procedure. The person's consent is needed besides, at the instant of each read.</summary>
public sealed record Habilitation(IReadOnlyList<string> EvidenceTypes, DateTimeOffset? Until);

/// <summary>Who asks: its clerks, and what it may ask for.</summary>
public sealed record Agency(
    string Name, string Kind, string? SiteCode, string? Garrison,
    IReadOnlyDictionary<Guid, Personal> Clerks, IReadOnlyDictionary<string, Habilitation> Habilitations) : IAggregate<Agency>
{
    public static readonly EventTypes Events = new EventTypes()
        .Add<AgencyRegistered>("agency_registered")
        .Add<ClerkAppointed>("clerk_appointed")
        .Add<ClerkDismissed>("clerk_dismissed")
        .Add<ProcedureDeclared>("procedure_declared")
        .Add<ProcedureWithdrawn>("procedure_withdrawn");

    public const string AtlasKind = "atlas";

    public static string StreamType => "agency";

    public static Agency Empty { get; } = new("", "", null, null, new Dictionary<Guid, Personal>(), new Dictionary<string, Habilitation>());

    public bool IsSpace => Kind == AtlasKind;

    public bool Employs(Guid person) => Clerks.ContainsKey(person);

    /// <summary>Whether the agency may deal with the procedure at this instant.</summary>
    public bool May(string procedure, DateTimeOffset at) =>
        Habilitations.TryGetValue(procedure, out var right) && (right.Until is not { } until || at < until);

    /// <summary>Whether the agency may read this type of evidence under the procedure at this instant.</summary>
    public bool MayRead(string procedure, string evidenceType, DateTimeOffset at) =>
        May(procedure, at) && Habilitations[procedure].EvidenceTypes.Contains(evidenceType);

    public static Agency Evolve(Agency state, IEvent @event) => @event switch
    {
        AgencyRegistered e => state with { Name = e.Name, Kind = e.Kind, SiteCode = e.SiteCode, Garrison = e.Garrison },
        ClerkAppointed e => state with { Clerks = new Dictionary<Guid, Personal>(state.Clerks) { [e.Clerk] = e.Name } },
        ClerkDismissed e => state with { Clerks = state.Clerks.Where(clerk => clerk.Key != e.Clerk).ToDictionary() },
        ProcedureDeclared e => state with
        {
            Habilitations = new Dictionary<string, Habilitation>(state.Habilitations) { [e.Procedure] = new(e.EvidenceTypes, e.Until) },
        },
        ProcedureWithdrawn e => state with { Habilitations = state.Habilitations.Where(right => right.Key != e.Procedure).ToDictionary() },
        _ => state,
    };
}
