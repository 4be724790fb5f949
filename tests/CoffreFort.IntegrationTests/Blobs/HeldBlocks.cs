using Azure.Core.Pipeline;
using Azure.Storage.Blobs;

namespace CoffreFort.IntegrationTests.Blobs;

/// <summary>Blocks do not reach the service until they are let go.</summary>
internal sealed class HeldBlocks() : DelegatingHandler(new HttpClientHandler())
{
    private readonly TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Take(BlobClientOptions options) => options.Transport = new HttpClientTransport(this);

    public void LetGo() => gate.SetResult();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await gate.Task.WaitAsync(cancellationToken);
        return await base.SendAsync(request, cancellationToken);
    }
}
