using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;

namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// Blobs as files: <c>folder/ab/ab12…</c>, sharded by the first byte, with uploads under way in <c>folder/.incoming</c>.
/// </summary>
/// <remarks>
/// A commit flushes the file, links it to its final name (atomic, never overwriting) and flushes the folder, so a blob is
/// whole and durable before anyone can see it. A process that dies leaves files in the incoming folder only; the next
/// start removes those no living writer holds locked. Folders are 0700, files 0600, and symbolic links are not followed.
/// Needs a Unix file system with hard links.
/// </remarks>
public sealed class FileBlobStore : IBlobStore
{
    private const int PageSize = 256;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string folder;
    private readonly string incoming;
    private readonly CheckpointFile checkpoint;

    // A shard's own entry in the root is flushed once a process: an earlier one may have died between creating and flushing it.
    private readonly bool[] durableShards = new bool[256];

    /// <summary>Opens the folder, creates it when missing, and removes what dead writers left behind.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="logger">Told how much was left behind.</param>
    /// <param name="asItIs">Creates and removes nothing: for whoever only looks.</param>
    /// <exception cref="BlobStoreUnavailableException">The folder can't be created or listed.</exception>
    public FileBlobStore(string folder, ILogger<FileBlobStore>? logger = null, bool asItIs = false)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("The file blob store needs a Unix file system.");
        this.folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        incoming = Path.Combine(this.folder, ".incoming");
        checkpoint = new CheckpointFile(this.folder);
        if (asItIs)
            return;
        try
        {
            // The parent of an existing root may not be ours to read, let alone to flush.
            if (!Directory.Exists(this.folder))
                CreateFolder(this.folder);
            CreateFolder(incoming);
            var removed = Directory.EnumerateFiles(incoming).Count(RemoveIfAbandoned);
            if (removed > 0)
                logger?.LogInformation("Removed {Count} unfinished uploads of an earlier run", removed);
        }
        catch (Exception failure) when (FileFailure.Is(failure))
        {
            throw FileFailure.From(failure);
        }
    }

    public Task<BlobUpload> BeginAsync(BlobName name, CancellationToken cancellationToken = default) => Run<BlobUpload>(() =>
    {
        var file = CreateLocked(Path.Combine(incoming, $"{name}.{BlobName.New()}"));
        return new FileBlobUpload(file, written => Publish(written, name));
    }, cancellationToken);

    public Task<Stream> OpenReadAsync(
        BlobName name, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length.GetValueOrDefault(), nameof(length));
        return Run<Stream>(() =>
        {
            var file = Open(name) ?? throw new BlobNotFoundException(name);
            var available = Math.Max(0, RandomAccess.GetLength(file) - offset);
            return new FileBlobReadStream(file, offset, Math.Min(available, length ?? available));
        }, cancellationToken);
    }

    public Task<long?> LengthAsync(BlobName name, CancellationToken cancellationToken = default) => Run<long?>(() =>
    {
        using var file = Open(name);
        return file is null ? null : RandomAccess.GetLength(file);
    }, cancellationToken);

    public Task<bool> DeleteAsync(BlobName name, CancellationToken cancellationToken = default) => Run(() =>
    {
        var existed = Find(name) is { } path && Posix.Unlink(path);
        // Also when nothing was there: an earlier attempt may have failed between removing and flushing.
        if (IsPlain(ShardOf(name)))
            DurableFolder.Flush(ShardOf(name));
        return existed;
    }, cancellationToken);

    public async IAsyncEnumerable<BlobEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var shard in await Run(Shards, cancellationToken))
        {
            using var files = await Run(() => shard.EnumerateFiles().GetEnumerator(), cancellationToken);
            while (await Run(() => NextPage(files), cancellationToken) is { Count: > 0 } page)
                foreach (var entry in page)
                    yield return entry;
        }
    }

    public async Task<BlobStoreHealth> ProbeAsync(CancellationToken cancellationToken = default)
    {
        long? free = null;
        try
        {
            free = await Run(() => new DriveInfo(folder).AvailableFreeSpace, cancellationToken);
            await using var upload = await BeginAsync(BlobName.New(), cancellationToken);
            await upload.Stream.WriteAsync(new byte[4096], cancellationToken);
            return new BlobStoreHealth(true, free, null);
        }
        catch (BlobStoreException failure)
        {
            return new BlobStoreHealth(false, free, failure.InnerException?.Message ?? failure.Message);
        }
    }

    public Task<KeptCheckpoint?> ReadCheckpointAsync(CancellationToken cancellationToken = default) => Run(() =>
    {
        RequireFolder();
        return checkpoint.Read();
    }, cancellationToken);

    public Task<bool> ReplaceCheckpointAsync(string note, string? tag, CancellationToken cancellationToken = default) => RunAsync(() =>
    {
        RequireFolder();
        return checkpoint.ReplaceAsync(note, tag, cancellationToken);
    }, cancellationToken);

    private void Publish(FileStream file, BlobName name)
    {
        // The sweeper counts a blob's age from its commit, however long the upload took.
        File.SetLastWriteTimeUtc(file.SafeFileHandle, DateTime.UtcNow);
        RandomAccess.FlushToDisk(file.SafeFileHandle);
        // Opening locks in .NET: whoever sees the blob must find it unlocked.
        file.Dispose();
        EnsureShard(name);
        var path = PathOf(name);
        if (!Posix.Link(file.Name, path))
            throw new BlobAlreadyExistsException(name);
        try
        {
            DurableFolder.Flush(ShardOf(name));
        }
        catch (IOException)
        {
            Posix.Unlink(path);
            throw;
        }
    }

    private void EnsureShard(BlobName name)
    {
        var shard = ShardOf(name);
        var index = Convert.FromHexString(name.ToString().AsSpan(0, 2))[0];
        if (Volatile.Read(ref durableShards[index]) && IsPlain(shard))
            return;
        CreateFolder(shard);
        Volatile.Write(ref durableShards[index], true);
        if (!IsPlain(shard))
            throw new IOException($"'{shard}' is a symbolic link.");
    }

    private SafeFileHandle? Open(BlobName name)
    {
        if (Find(name) is not { } path)
            return null;
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private string? Find(BlobName name)
    {
        var path = PathOf(name);
        if (IsPlain(ShardOf(name)) && IsPlain(path))
            return path;
        RequireFolder();
        return null;
    }

    // An unmounted volume must not read as a store whose every blob is gone.
    private void RequireFolder()
    {
        if (!IsPlain(incoming))
            throw new DirectoryNotFoundException($"'{incoming}' is gone: is the volume mounted?");
    }

    private IReadOnlyList<DirectoryInfo> Shards()
    {
        RequireFolder();
        return [.. new DirectoryInfo(folder).EnumerateDirectories("??")
            .Where(shard => shard.LinkTarget is null && BlobName.TryParse(shard.Name.PadRight(BlobName.TextLength, '0'), out _))];
    }

    private static List<BlobEntry> NextPage(IEnumerator<FileInfo> files)
    {
        var page = new List<BlobEntry>(PageSize);
        while (page.Count < PageSize && files.MoveNext())
            if (EntryOf(files.Current) is { } entry)
                page.Add(entry);
        return page;
    }

    private static BlobEntry? EntryOf(FileInfo file)
    {
        try
        {
            var ours = BlobName.TryParse(file.Name, out var name)
                && file.Name.StartsWith(file.Directory!.Name, StringComparison.Ordinal)
                && !file.Attributes.HasFlag(FileAttributes.ReparsePoint);
            return ours ? new BlobEntry(name, file.Length, file.LastWriteTimeUtc) : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static bool RemoveIfAbandoned(string path)
    {
        var parts = Path.GetFileName(path).Split('.');
        var ours = parts.Length == 2 && parts.All(part => BlobName.TryParse(part, out _)) && IsPlain(path);
        if (!ours)
            return false;
        try
        {
            using var locked = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return Posix.Unlink(path);
        }
        catch (Exception held) when (FileFailure.Is(held))
        {
            return false;
        }
    }

    /// <summary>Whether there is a file or folder that isn't a link; anything but its absence throws.</summary>
    private static bool IsPlain(string path)
    {
        try
        {
            return !File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

#pragma warning disable CA1416 // The constructor refuses Windows.
    private static void CreateFolder(string path)
    {
        Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        DurableFolder.Flush(Path.GetDirectoryName(path) ?? path);
    }

    // Held exclusively until published: a lock is how another start tells a living writer from a dead one.
    private static FileStream CreateLocked(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Share = FileShare.None,
        BufferSize = 0,
        UnixCreateMode = OwnerOnly,
    });
#pragma warning restore CA1416

    private string ShardOf(BlobName name) => Path.Combine(folder, name.ToString()[..2]);

    private string PathOf(BlobName name) => Path.Combine(ShardOf(name), name.ToString());

    private static Task<T> Run<T>(Func<T> work, CancellationToken cancellationToken) => RunAsync(() => Task.FromResult(work()), cancellationToken);

    private static Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken) => Task.Run(async () =>
    {
        try
        {
            return await work();
        }
        catch (Exception failure) when (FileFailure.Is(failure))
        {
            throw FileFailure.From(failure);
        }
    }, cancellationToken);
}
