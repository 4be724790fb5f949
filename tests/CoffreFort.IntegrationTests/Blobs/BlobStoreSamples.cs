using CoffreFort.Server.Edges.Blobs;

namespace CoffreFort.IntegrationTests.Blobs;

internal static class BlobStoreSamples
{
    public static async Task Write(this IBlobStore store, BlobName name, byte[] content)
    {
        await using var upload = await store.BeginAsync(name);
        await upload.Stream.WriteAsync(content);
        await upload.CommitAsync();
    }

    public static async Task<BlobName> WriteNew(this IBlobStore store, byte[] content)
    {
        var name = BlobName.New();
        await store.Write(name, content);
        return name;
    }

    public static async Task<byte[]> Read(this IBlobStore store, BlobName name, long offset = 0, long? length = null)
    {
        await using var stream = await store.OpenReadAsync(name, offset, length);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }
}
