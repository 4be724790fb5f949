using System.Collections.Frozen;

namespace CoffreFort.Server.Catalogue;

/// <summary>
/// The evidence types and procedures that the server knows, read once from two JSON files. Immutable, so safe to share between threads;
/// to change it, load another and swap the reference.
/// </summary>
public sealed class EvidenceCatalogue
{
    private readonly FrozenDictionary<string, EvidenceType> _types;
    private readonly FrozenDictionary<string, Procedure> _procedures;

    internal EvidenceCatalogue(EvidenceTypesFile types, ProceduresFile procedures, IReadOnlyDictionary<string, string> hashes)
    {
        EvidenceTypesVersion = types.Version;
        ProceduresVersion = procedures.Version;
        EvidenceTypes = types.EvidenceTypes;
        Events = types.Events;
        Situations = procedures.Situations;
        Deadlines = procedures.DeadlinesAfterMutation;
        _types = EvidenceTypes.ToFrozenDictionary(type => type.Code, StringComparer.Ordinal);
        Procedures = [.. procedures.Procedures.Select(one => one with { Requirement = LeafDefaults.Fill(one.Requirement, _types) })];
        _procedures = Procedures.ToFrozenDictionary(one => one.Code, StringComparer.Ordinal);
        Sha256 = hashes.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>The version that evidence-types.json states of itself.</summary>
    public string EvidenceTypesVersion { get; }

    /// <summary>The version that procedures.json states of itself.</summary>
    public string ProceduresVersion { get; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<EvidenceType> EvidenceTypes { get; }

    /// <summary>In the order of the file; the leaves of each requirement carry their freshness and sensitivity.</summary>
    public IReadOnlyList<Procedure> Procedures { get; }

    /// <summary>Events that can make evidence wrong.</summary>
    public IReadOnlyList<LifeEvent> Events { get; }

    /// <summary>Flags that requirements depend on.</summary>
    public IReadOnlyList<SituationFlag> Situations { get; }

    /// <summary>What is to be done after a mutation, and by when.</summary>
    public IReadOnlyList<MutationDeadline> Deadlines { get; }

    /// <summary>SHA-256 of each file's bytes, lower-case hexadecimal, by file name: a change of catalogue is journaled with them.</summary>
    public IReadOnlyDictionary<string, string> Sha256 { get; }

    /// <summary>Reads and checks evidence-types.json and procedures.json of a folder.</summary>
    /// <exception cref="CatalogueException">A file can't be read or breaks a rule; the message lists every fault with file, path and remedy.</exception>
    public static EvidenceCatalogue Load(string folder) => CatalogueFiles.Load(folder);

    /// <summary>The type of that code, or null.</summary>
    public EvidenceType? Find(string code) => _types.GetValueOrDefault(code);

    /// <summary>The procedure of that code, or null.</summary>
    public Procedure? FindProcedure(string code) => _procedures.GetValueOrDefault(code);
}
