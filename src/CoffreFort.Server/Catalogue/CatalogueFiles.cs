using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CoffreFort.Server.Catalogue;

internal sealed record EvidenceTypesFile(
    [property: JsonPropertyName("$schema")] string Schema,
    string Version,
    IReadOnlyList<LifeEvent> Events,
    IReadOnlyList<EvidenceType> EvidenceTypes);

internal sealed record ProceduresFile(
    [property: JsonPropertyName("$schema")] string Schema,
    string Version,
    IReadOnlyList<SituationFlag> Situations,
    IReadOnlyList<MutationDeadline> DeadlinesAfterMutation,
    IReadOnlyList<Procedure> Procedures);

/// <summary>Reads the two files strictly: a member that is unknown, missing, null or given twice is a fault, never ignored.</summary>
internal static class CatalogueFiles
{
    internal const string EvidenceTypesName = "evidence-types.json";
    internal const string ProceduresName = "procedures.json";

    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        AllowOutOfOrderMetadataProperties = true,
        MaxDepth = 64,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    internal static EvidenceCatalogue Load(string folder)
    {
        List<string> faults = [];
        var (types, typesHash) = Read<EvidenceTypesFile>(folder, EvidenceTypesName, faults);
        var (procedures, proceduresHash) = Read<ProceduresFile>(folder, ProceduresName, faults);
        if (types is not null && procedures is not null)
            faults.AddRange(CatalogueRules.Faults(types, procedures));
        if (faults.Count > 0)
            throw new CatalogueException(faults);
        return new(types!, procedures!, new Dictionary<string, string> { [EvidenceTypesName] = typesHash, [ProceduresName] = proceduresHash });
    }

    private static (T? File, string Hash) Read<T>(string folder, string name, List<string> faults)
        where T : class
    {
        try
        {
            var bytes = File.ReadAllBytes(Path.Combine(folder, name));
            var file = JsonSerializer.Deserialize<T>(bytes, Strict);
            if (file is null)
                faults.Add($"{name} $: the file holds null. Put the catalogue back from the last version that loaded.");
            return (file, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            faults.Add($"{name}: can't be read ({failure.Message}) Check that the folder is the catalogue's and that the server may read it.");
        }
        catch (Exception failure) when (failure is JsonException or NotSupportedException)
        {
            var path = (failure as JsonException)?.Path ?? "$";
            faults.Add($"{name} {path}: {failure.Message} The schema in docs/schemas says which members and values this place takes.");
        }

        return (null, "");
    }
}
