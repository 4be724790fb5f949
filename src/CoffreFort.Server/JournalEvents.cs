using System.Text.Json;
using System.Text.Json.Serialization;
using CoffreFort.EventStore;
using CoffreFort.Server.Features.AccessRequests;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Audits;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.Server;

/// <summary>All events that this application stores. Each stream's file declares its own; this only joins them.</summary>
public static class JournalEvents
{
    /// <summary>Strict both ways: a stored event with a member that nobody knows is a shape that lacks its upcaster.</summary>
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
    };

    public static EventRegistry Registry { get; } = new(
        Json, Vault.Events, Document.Events, Agency.Events, AccessRequest.Events, Consent.Events, Mutation.Events, Audit.Events, OperatorActs.Events);
}
