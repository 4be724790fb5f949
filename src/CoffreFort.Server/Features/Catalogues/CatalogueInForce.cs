using CoffreFort.EventStore;

namespace CoffreFort.Server.Features.Catalogues;

/// <summary>From here on another catalogue is in force: what is asked for, granted and judged follows these two files, known by their SHA-256 in lower-case hex.</summary>
public sealed record CatalogueChanged(
    string EvidenceTypesVersion, string EvidenceTypesSha256, string ProceduresVersion, string ProceduresSha256) : IEvent;

/// <summary>The catalogue that was recorded last: one stream for the whole system.</summary>
public sealed record CatalogueInForce(CatalogueChanged? Recorded) : IAggregate<CatalogueInForce>
{
    /// <summary>The one stream.</summary>
    public static readonly Guid Stream = Guid.Parse("01980000-c0ff-7e00-8000-0000000ca7a1");

    public static readonly EventTypes Events = new EventTypes()
        .Add<CatalogueChanged>("catalogue_changed");

    public static string StreamType => "catalogue";

    public static CatalogueInForce Empty { get; } = new((CatalogueChanged?)null);

    public static CatalogueInForce Evolve(CatalogueInForce state, IEvent @event) => @event is CatalogueChanged e ? new CatalogueInForce(e) : state;
}
