using System.Globalization;
using System.Text.RegularExpressions;

namespace CoffreFort.Server.Catalogue;

/// <summary>Collects the faults of one file, and the checks that every kind of entry shares.</summary>
internal sealed partial class FaultList(string file)
{
    private readonly List<string> _faults = [];

    internal IReadOnlyList<string> All => _faults;

    internal void Add(string path, string whatAndRemedy) => _faults.Add($"{file} {path}: {whatAndRemedy}");

    internal void Require(bool holds, string path, string whatAndRemedy)
    {
        if (!holds)
            Add(path, whatAndRemedy);
    }

    /// <summary>The entries with their paths; a null among them is a fault and is left out.</summary>
    internal IEnumerable<(T Entry, string Path)> Each<T>(IReadOnlyList<T> list, string path)
        where T : class
    {
        for (var index = 0; index < list.Count; index++)
        {
            var entryPath = string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
            if (list[index] is { } entry)
                yield return (entry, entryPath);
            else
                Add(entryPath, "is null. Give an entry or remove it.");
        }
    }

    internal void Code(string code, string path, HashSet<string> seen)
    {
        Require(Kebab().IsMatch(code), path, $"\"{code}\" is not a code. Use lower-case English words joined by hyphens.");
        Require(seen.Add(code), path, $"the code \"{code}\" is already used in this list. Give each entry its own.");
    }

    internal void Known(string code, HashSet<string> known, string path, string what) =>
        Require(known.Contains(code), path, $"unknown {what} \"{code}\". Use one of: {string.Join(", ", known.Order(StringComparer.Ordinal))}; or declare it first.");

    internal void Text(LocalizedText text, string path)
    {
        Require(!string.IsNullOrWhiteSpace(text.Fr), path + ".fr", "the French text is empty. French comes first: write it.");
        Require(!string.IsNullOrWhiteSpace(text.En), path + ".en", "the English text is empty. Translate the French.");
    }

    internal void Rule(Rule rule, string path)
    {
        Require(!string.IsNullOrWhiteSpace(rule.Text), path + ".text", "the rule says nothing. Write what the source says.");
        Require(!string.IsNullOrWhiteSpace(rule.Source), path + ".source", "the rule has no source. Name the sheet, decree or site.");
        Require(rule.ReadOn is null || ReadingDate().IsMatch(rule.ReadOn), path + ".readOn", $"\"{rule.ReadOn}\" is not a date of reading. Write \"2020-10\" or \"2020-10-15\".");
        Require(rule.ReadOn is null || rule.Standing == RuleStanding.Read, path + ".readOn", "a rule from memory or inferred was not read on a day. Set it to null, or the standing to \"read\".");
    }

    internal void Rules(IReadOnlyList<Rule> rules, string path)
    {
        Require(rules.Count > 0, path, "no rule is given. State at least one with its source.");
        foreach (var (rule, rulePath) in Each(rules, path))
            Rule(rule, rulePath);
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", RegexOptions.CultureInvariant)]
    private static partial Regex Kebab();

    [GeneratedRegex("^[0-9]{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?$", RegexOptions.CultureInvariant)]
    private static partial Regex ReadingDate();
}
