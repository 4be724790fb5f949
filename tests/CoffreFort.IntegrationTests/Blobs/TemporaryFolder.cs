namespace CoffreFort.IntegrationTests.Blobs;

public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("coffrefort-blobs-").FullName;

    public IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 });

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
