using System.Globalization;

namespace CoffreFort.Server.Catalogue;

/// <summary>Checks one procedure's requirement, and notes the evidence types that it names.</summary>
internal sealed class RequirementRules(FaultList faults, FreshnessRules freshness, Dictionary<string, EvidenceType> types, HashSet<string> situations)
{
    private readonly HashSet<string> _choices = new(StringComparer.Ordinal);
    private readonly HashSet<string> _codes = [.. types.Keys];

    internal HashSet<string> Named { get; } = new(StringComparer.Ordinal);

    internal void Check(Requirement requirement, string path)
    {
        switch (requirement)
        {
            case AllOf all:
                CheckParts(all.Of, null, path);
                break;
            case AnyOf any:
                CheckParts(any.Of, null, path);
                break;
            case ExactlyOf exactly:
                CheckParts(exactly.Of, exactly.Count, path);
                break;
            case AtLeastOf atLeast:
                CheckParts(atLeast.Of, atLeast.Count, path);
                break;
            case WhenSituation conditional:
                faults.Known(conditional.Situation, situations, path + ".situation", "situation");
                Check(conditional.Then, path + ".then");
                if (conditional.Otherwise is { } otherwise)
                    Check(otherwise, path + ".otherwise");
                break;
            case MayDecline mayDecline:
                faults.Code(mayDecline.Choice, path + ".choice", _choices);
                faults.Text(mayDecline.Effect, path + ".effect");
                faults.Rule(mayDecline.Rule, path + ".rule");
                Check(mayDecline.Of, path + ".of");
                break;
            case EvidenceNeeded leaf:
                CheckLeaf(leaf, path);
                break;
        }
    }

    private void CheckParts(IReadOnlyList<Requirement> parts, int? count, string path)
    {
        faults.Require(parts.Count > 0, path + ".of", "has no part. Name at least one, or remove it.");
        if (count is { } wanted && (wanted < 1 || wanted > parts.Count))
            faults.Add(path + ".count", string.Create(CultureInfo.InvariantCulture, $"{wanted} of {parts.Count} parts can't be chosen. Give 1 to {parts.Count}."));
        foreach (var (part, partPath) in faults.Each(parts, path + ".of"))
            Check(part, partPath);
    }

    private void CheckLeaf(EvidenceNeeded leaf, string path)
    {
        CheckType(leaf.EvidenceType, leaf.Freshness, path);
        if (leaf.Role is { } role)
            faults.Text(role, path + ".role");
        HashSet<string> accepted = [leaf.EvidenceType];
        foreach (var (substitute, substitutePath) in faults.Each(leaf.Substitutes, path + ".substitutes"))
        {
            CheckType(substitute.EvidenceType, substitute.Freshness, substitutePath);
            faults.Require(accepted.Add(substitute.EvidenceType), substitutePath, $"\"{substitute.EvidenceType}\" is already accepted here. Remove it.");
        }
    }

    private void CheckType(string code, IReadOnlyList<Freshness>? shapes, string path)
    {
        faults.Known(code, _codes, path + ".evidenceType", "evidence type");
        Named.Add(code);
        if (shapes is not null)
            freshness.Check(shapes, types.GetValueOrDefault(code)?.PeriodUnit, path + ".freshness");
    }
}
