using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CoffreFort.EventStore;
using CoffreFort.Server.Features.AccessRequests;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Audits;
using CoffreFort.Server.Features.Catalogues;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.Server;

/// <summary>All events that this application stores. Each stream's file declares its own; this only joins them.</summary>
public static class JournalEvents
{
    /// <summary>Strict both ways: a stored event that lacks a member, or has one that nobody knows, is a shape that lacks its upcaster.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { RequireWhatIsNeverLeftOut } },
    };

    public static EventRegistry Registry { get; } = new(
        Json, Vault.Events, Document.Events, Agency.Events, AccessRequest.Events, Consent.Events, Mutation.Events, Audit.Events, OperatorActs.Events,
        CatalogueInForce.Events);

    /// <summary>Only what may be null, and is then not written, may be absent; everything else would be read as an invented zero or nothing.</summary>
    private static void RequireWhatIsNeverLeftOut(JsonTypeInfo type)
    {
        foreach (var member in type.Properties)
            member.IsRequired |= member.Set is not null && (member.PropertyType.IsValueType ? Nullable.GetUnderlyingType(member.PropertyType) is null : !member.IsSetNullable);
    }
}
