using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using CoffreFort.Server.Views;

namespace CoffreFort.Specs.House;

/// <summary>A view whose tables change is built anew at start, because its version was raised with them.</summary>
public partial class ViewSpecs
{
    private const string Approved = "tests/golden/views.txt";

    [Fact]
    [Trait("Requirement", "R-253")]
    public void a_view_whose_tables_change_gets_a_new_version()
    {
        var lines = SourceTree.Text(Approved).Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet();
        SourceTree.AssertNone(
            Views().Select(Line).Where(line => !lines.Contains(line)),
            $"Raise the view's Version if its tables changed, then put this line in {Approved} in place of the old one.");
    }

    [Fact]
    public void a_views_own_statements_name_its_tables_without_a_schema() => SourceTree.AssertNone(
        from path in SourceTree.Files("src/CoffreFort.Server", ".cs")
        let view = ViewClass().Match(SourceTree.Text(path))
        where view.Success && view.Value.Contains("coffrefort_views.", StringComparison.Ordinal)
        select path,
        "With a schema it would write to the live tables while it is rebuilt: name them without one.");

    private static IEnumerable<Projection> Views() =>
        from type in typeof(Projection).Assembly.GetTypes()
        where type.IsSubclassOf(typeof(Projection)) && !type.IsAbstract
        let view = (Projection)Activator.CreateInstance(type)!
        orderby view.Name
        select view;

    private static string Line(Projection view)
    {
        var tables = (string)typeof(Projection).GetProperty("Table", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(view)!;
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(Space().Replace(tables, " ").Trim()));
        return $"{view.Name} {view.Version} {string.Join(',', view.Tables)} {Convert.ToHexStringLower(digest.AsSpan(0, 8))}";
    }

    [GeneratedRegex(@"class \w+ : Projection\n\{.*?\n\}", RegexOptions.Singleline)]
    private static partial Regex ViewClass();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
