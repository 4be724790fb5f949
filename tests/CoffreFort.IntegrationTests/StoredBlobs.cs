using Azure;
using Azure.Storage.Blobs;
using CoffreFort.Server.Edges.Blobs;

namespace CoffreFort.IntegrationTests;

/// <summary>
/// Where a server of the tests keeps its blobs: in files of its data folder, or, when the suite runs on Azurite (<c>scripts/test --blobs azurite</c>), in a container of its own.
/// And a way past the server, to look at them and to damage them.
/// </summary>
public sealed class StoredBlobs
{
    /// <summary>The copy of the last checkpoint, as fsck calls it.</summary>
    public const string Checkpoint = ".checkpoint";

    private readonly string folder;
    private readonly BlobContainerClient? container;

    /// <param name="data">The server's data folder.</param>
    /// <param name="settings">Of a container (<see cref="Azurite.SuiteSettingsAsync"/>), or none.</param>
    public StoredBlobs(string data, string[] settings)
    {
        (folder, Settings) = (Path.Combine(data, "blobs"), settings);
        if (settings is [_, var connection, _, var name]) container = new BlobContainerClient(connection, name);
    }

    /// <summary>For the server's command line: key, value, key, value.</summary>
    public string[] Settings { get; }

    /// <summary>As <see cref="Settings"/>, but <c>key=value</c> each.</summary>
    public IEnumerable<string> Pairs => Settings.Chunk(2).Select(pair => $"{pair[0].TrimStart('-')}={pair[1]}");

    /// <summary>Of all blobs, in order; none while there is no store yet.</summary>
    public async Task<List<string>> NamesAsync()
    {
        var names = new List<string>();
        if (container is null)
            names.AddRange(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetFileName(file)!));
        else
            await foreach (var blob in container.GetBlobsAsync()) names.Add(blob.Name);
        return [.. names.Where(name => BlobName.TryParse(name, out _)).Order(StringComparer.Ordinal)];
    }

    /// <returns>Null when there is none.</returns>
    public async Task<byte[]?> ReadAsync(string name)
    {
        if (container is null) return File.Exists(PathOf(name)) ? await File.ReadAllBytesAsync(PathOf(name)) : null;
        try
        {
            return (await Blob(name).DownloadContentAsync()).Value.Content.ToArray();
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Puts these bytes there, whatever was there before.</summary>
    public Task WriteAsync(string name, byte[] bytes) =>
        container is null ? File.WriteAllBytesAsync(PathOf(name), bytes) : Blob(name).UploadAsync(BinaryData.FromBytes(bytes), overwrite: true);

    public async Task FlipAsync(string name, long bit)
    {
        var bytes = (await ReadAsync(name))!;
        bytes[bit / 8] ^= (byte)(1 << (int)(bit % 8));
        await WriteAsync(name, bytes);
    }

    public async Task DeleteAsync(string name)
    {
        if (container is null) File.Delete(PathOf(name));
        else await Blob(name).DeleteAsync();
    }

    /// <summary>The whole store is gone, as a volume that is not mounted any more.</summary>
    public async Task LoseAsync()
    {
        if (container is null) Directory.Delete(folder, recursive: true);
        else await container.DeleteAsync();
    }

    /// <summary>A backup of everything in it, for a server over another data folder.</summary>
    public async Task<StoredBlobs> CopyAsync(string data)
    {
        var copy = new StoredBlobs(data, await Azurite.SuiteSettingsAsync());
        if (copy.container is null)
        {
            await FolderCopy.MakeAsync(folder, copy.folder);
            return copy;
        }

        await copy.container.CreateAsync();
        foreach (var name in await NamesAsync()) await copy.WriteAsync(name, (await ReadAsync(name))!);
        if (await ReadAsync(Checkpoint) is { } note) await copy.WriteAsync(Checkpoint, note);
        return copy;
    }

    /// <summary>A store for a test that runs no server: over this folder, or over a container of its own when the suite runs on Azurite.</summary>
    public static async Task<IBlobStore> NewStoreAsync(string folder) => Azurite.HoldsTheSuite ? await AzuriteStores.NewStoreAsync() : new FileBlobStore(folder);

    /// <summary>Uploads that were neither committed nor removed. In Azure nobody sees them.</summary>
    public IReadOnlyList<string> Unfinished() =>
        container is null ? [.. Directory.EnumerateFiles(Path.Combine(folder, ".incoming")).Select(file => Path.GetFileName(file)!)] : [];

    private string PathOf(string name) => name == Checkpoint ? Path.Combine(folder, name) : Path.Combine(folder, name[..2], name);

    private BlobClient Blob(string name) => container!.GetBlobClient(name == Checkpoint ? "checkpoint" : name);
}
