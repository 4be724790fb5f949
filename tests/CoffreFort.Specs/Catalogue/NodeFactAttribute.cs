namespace CoffreFort.Specs.Catalogue;

/// <summary>A fact that needs Node and npm on the path, and says so when they are not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!Array.Exists(folders, folder => File.Exists(Path.Combine(folder, "node"))) || !Array.Exists(folders, folder => File.Exists(Path.Combine(folder, "npm"))))
            Skip = "Node is not installed; the server's own checks run all the same.";
    }
}
