using System.Net.Http.Headers;
using CoffreFort.Cryptography;

namespace CoffreFort.Server.Edges.Timestamps;

/// <summary>An authority reached over HTTP (RFC 3161 §3.4).</summary>
/// <param name="address">Where requests are posted to.</param>
/// <param name="client">Follows no redirect; its timeout bounds one question.</param>
public sealed class HttpTimestampAuthority(Uri address, HttpClient client) : ITimestampAuthority
{
    private const string ReplyType = "application/timestamp-reply";

    public async Task<byte[]> AskAsync(byte[] request, CancellationToken cancellation)
    {
        try
        {
            using var content = new ByteArrayContent(request) { Headers = { ContentType = new MediaTypeHeaderValue("application/timestamp-query") } };
            using var question = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
            using var answer = await client.SendAsync(question, HttpCompletionOption.ResponseContentRead, cancellation);
            if (!answer.IsSuccessStatusCode) throw new TimestampAuthorityException($"The timestamp authority answers {(int)answer.StatusCode}.");
            if (answer.Content.Headers.ContentType?.MediaType != ReplyType)
                throw new TimestampAuthorityException($"The timestamp authority answers {answer.Content.Headers.ContentType?.MediaType ?? "something without a type"}, not {ReplyType}.");
            return await answer.Content.ReadAsByteArrayAsync(cancellation);
        }
        catch (HttpRequestException failure)
        {
            throw new TimestampAuthorityException($"The timestamp authority can't be reached, or answers too much: {failure.Message}", failure);
        }
        catch (OperationCanceledException failure) when (!cancellation.IsCancellationRequested)
        {
            throw new TimestampAuthorityException($"The timestamp authority did not answer within {client.Timeout.TotalSeconds:0} seconds.", failure);
        }
    }

    /// <summary>A client that bounds what it waits for and what it takes in.</summary>
    public static HttpClient Client(TimeSpan timeout)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        return new HttpClient(handler) { Timeout = timeout, MaxResponseContentBufferSize = TimestampRequest.LongestReply };
    }
}
