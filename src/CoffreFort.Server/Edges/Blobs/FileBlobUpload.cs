namespace CoffreFort.Server.Edges.Blobs;

/// <summary>An upload into a file of the incoming folder, which <see cref="FileBlobStore"/> publishes at the end.</summary>
internal sealed class FileBlobUpload(FileStream file, Action<FileStream> publish) : BlobUpload
{
    private readonly FileBlobWriteStream stream = new(file);
    private bool over;
    private bool discarded;

    public override Stream Stream => stream;

    public override async Task<long> CommitAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (over || stream.Spoilt)
            throw new InvalidOperationException("This upload is over: it was committed, aborted, or a write failed.");
        over = true;
        await Task.Run(Publish, CancellationToken.None);
        return stream.Length;
    }

    public override async ValueTask DisposeAsync()
    {
        over = true;
        if (!discarded)
            await Task.Run(Discard);
    }

    private void Publish()
    {
        try
        {
            publish(file);
        }
        catch (Exception failure) when (FileFailure.Is(failure))
        {
            throw FileFailure.From(failure);
        }
        finally
        {
            Discard();
        }
    }

    // After a commit the blob has its own name, and this removes only the incoming one.
    private void Discard()
    {
        discarded = true;
        try
        {
            Posix.Unlink(file.Name);
        }
        catch (IOException)
        {
            // The next start removes it.
        }
        file.Dispose();
    }
}
