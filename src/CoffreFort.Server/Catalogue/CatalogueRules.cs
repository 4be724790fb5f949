namespace CoffreFort.Server.Catalogue;

/// <summary>What the shape of the files can't say: that codes are unique, that references lead somewhere, that numbers make sense.</summary>
internal static class CatalogueRules
{
    internal static IEnumerable<string> Faults(EvidenceTypesFile types, ProceduresFile procedures) => [];
}
