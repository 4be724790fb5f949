using Azure.Core.Pipeline;
using Azure.Storage.Blobs;

namespace CoffreFort.IntegrationTests.Blobs;

/// <summary>The first request that is meant reaches the service and takes effect; its answer does not come back.</summary>
internal sealed class LostAnswers(Func<HttpRequestMessage, bool> meant) : DelegatingHandler(new HttpClientHandler())
{
    private int count;

    public int Count => count;

    public void Take(BlobClientOptions options) => options.Transport = new HttpClientTransport(this);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        if (!meant(request) || !answer.IsSuccessStatusCode || Interlocked.CompareExchange(ref count, 1, 0) != 0)
            return answer;
        answer.Dispose();
        throw new HttpRequestException("The answer was lost.");
    }
}
