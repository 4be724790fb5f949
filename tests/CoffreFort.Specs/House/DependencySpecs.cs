using System.Reflection;
using System.Xml.Linq;

namespace CoffreFort.Specs.House;

/// <summary>One direction: the server and the command line see the libraries, the event store sees the hash tree, nothing else sees anything.</summary>
public class DependencySpecs
{
    private static readonly Dictionary<string, (string Assembly, string[] Projects, string[] Foreign)> Allowed = new()
    {
        ["CoffreFort.Transparency"] = ("CoffreFort.Transparency", [], []),
        ["CoffreFort.Cryptography"] = ("CoffreFort.Cryptography", [], ["System.Security.Cryptography.Pkcs"]),
        ["CoffreFort.EventStore"] = ("CoffreFort.EventStore", ["CoffreFort.Transparency"], ["Npgsql", "Microsoft.Extensions."]),
        ["CoffreFort.Server"] = ("CoffreFort.Server", Libraries, [""]),
        ["CoffreFort.Cli"] = ("coffrefort", Libraries, ["Npgsql", "System.CommandLine", "Spectre.Console", "Microsoft.Extensions.", "Microsoft.AspNetCore"]),
    };

    private const string Remedy = "Dependencies have one direction: Server and Cli -> EventStore, Cryptography, Transparency; EventStore -> Transparency. "
        + "Libraries know neither ASP.NET nor, but for EventStore, Npgsql. Move the code to where its dependency is allowed.";

    private static string[] Libraries => ["CoffreFort.EventStore", "CoffreFort.Cryptography", "CoffreFort.Transparency"];

    [Fact]
    [Trait("Requirement", "R-237")]
    public void projects_name_only_what_lies_in_their_direction() => SourceTree.AssertNone(
        from path in SourceTree.Files("src", ".csproj")
        let project = XDocument.Parse(SourceTree.Text(path))
        let name = Path.GetFileNameWithoutExtension(path)
        let allowed = Allowed.GetValueOrDefault(name, (name, [], []))
        from breach in Items(project, "ProjectReference").Select(Path.GetFileNameWithoutExtension).Except(allowed.Projects).Select(other => $"project {other}")
            .Concat(Items(project, "PackageReference").Where(package => !IsForeignAllowed(package, allowed.Foreign)).Select(package => $"package {package}"))
            .Concat(name is "CoffreFort.Server" or "CoffreFort.Cli" ? [] : Items(project, "FrameworkReference").Select(framework => $"framework {framework}"))
            .Concat(name != "CoffreFort.Server" && project.Root!.Attribute("Sdk")!.Value != "Microsoft.NET.Sdk" ? ["the web SDK"] : [])
        select $"{path} refers to {breach}", Remedy);

    [Fact]
    [Trait("Requirement", "R-237")]
    public void assemblies_use_only_what_lies_in_their_direction() => SourceTree.AssertNone(
        from allowed in Allowed.Values
        from reference in Assembly.Load(allowed.Assembly).GetReferencedAssemblies().Select(name => name.Name!)
        where !reference.StartsWith("System.", StringComparison.Ordinal) && reference is not ("Microsoft.CSharp" or "Microsoft.Win32.Primitives")
        where reference.StartsWith("CoffreFort.", StringComparison.Ordinal) ? !allowed.Projects.Contains(reference) : !IsForeignAllowed(reference, allowed.Foreign)
        select $"{allowed.Assembly} uses {reference}", Remedy);

    [Fact]
    public void every_project_is_in_the_solution_and_has_its_place() => SourceTree.AssertNone(
        from path in SourceTree.Files("src", ".csproj").Concat(SourceTree.Files("tests", ".csproj"))
        where !SourceTree.Text("CoffreFort.sln").Replace('\\', '/').Contains(path, StringComparison.Ordinal)
            || (path.StartsWith("src/", StringComparison.Ordinal) && !Allowed.ContainsKey(Path.GetFileNameWithoutExtension(path)))
        select path, "Add the project to CoffreFort.sln (what isn't there is never tested); a new one in src also needs its line in DependencySpecs and docs.");

    private static IEnumerable<string> Items(XDocument project, string kind) =>
        project.Descendants(kind).Select(item => item.Attribute("Include")?.Value.Replace('\\', '/') ?? "");

    private static bool IsForeignAllowed(string name, string[] allowed) => allowed.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
}
