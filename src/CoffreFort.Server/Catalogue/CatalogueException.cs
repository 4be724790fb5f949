namespace CoffreFort.Server.Catalogue;

/// <summary>The catalogue's files can't be used. Each fault names the file, the JSON path and what to do.</summary>
public sealed class CatalogueException(IReadOnlyList<string> faults)
    : Exception("The catalogue was not loaded; the one in use, if any, is unchanged." + string.Concat(faults.Select(fault => Environment.NewLine + "- " + fault)))
{
    /// <summary>Every fault found, in the order of the files.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
