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
using CoffreFort.Server.Features.Receipts;
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

    private static readonly (string Kind, EventTypes Events)[] Streams =
    [
        (Vault.StreamType, Vault.Events), (Document.StreamType, Document.Events), (Agency.StreamType, Agency.Events),
        (AccessRequest.StreamType, AccessRequest.Events), (Consent.StreamType, Consent.Events), (Mutation.StreamType, Mutation.Events),
        (Audit.StreamType, Audit.Events), (OperatorActs.StreamType, OperatorActs.Events),
        (CatalogueInForce.StreamType, CatalogueInForce.Events), (IssuedReceipt.StreamType, IssuedReceipt.Events), (SealCertificate.StreamType, SealCertificate.Events),
    ];

    public static EventRegistry Registry { get; } = new(Json, [.. Streams.Select(stream => stream.Events)]);

    /// <summary>The kind of stream in which an event of a stored name stands.</summary>
    public static IReadOnlyDictionary<string, string> StreamKinds { get; } =
        Streams.SelectMany(stream => stream.Events.All.SelectMany(type => Enumerable.Range(1, type.Version).Select(shape => (type.StoredAs(shape), stream.Kind)))).ToDictionary(pair => pair.Item1, pair => pair.Kind);

    /// <summary>Only what may be null, and is then not written, may be absent; everything else would be read as an invented zero or nothing.</summary>
    private static void RequireWhatIsNeverLeftOut(JsonTypeInfo type)
    {
        foreach (var member in type.Properties)
            member.IsRequired |= member.Set is not null && (member.PropertyType.IsValueType ? Nullable.GetUnderlyingType(member.PropertyType) is null : !member.IsSetNullable);
    }
}
