namespace CoffreFort.Server.Edges.Blobs;

/// <summary>Before anything is served: tries the container out, where blobs are in Azure, and says what is the matter with it.</summary>
public sealed class AzureBlobsAtStart(AzureBlobStore store, ILogger<AzureBlobsAtStart> log) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await store.OpenAsync(cancellationToken) is { } kept) log.LogWarning("{Container}: {Kept}", store.Address, kept);
        }
        catch (BlobStoreException failure)
        {
            throw new Unavailable(
                $"CoffreFort does not start: the blob container {store.Address} can't be used. {AzureFailure.Words(failure.InnerException ?? failure)}", failure);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
