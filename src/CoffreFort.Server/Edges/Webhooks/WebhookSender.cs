using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using CoffreFort.Server.Outbox;

namespace CoffreFort.Server.Edges.Webhooks;

/// <summary>Posts messages to one address, signed as Standard Webhooks says. Follows no redirection, reads no answer's body.</summary>
public sealed class WebhookSender : IMessageSender, IDisposable
{
    private readonly HttpClient _client;
    private readonly Uri _address;
    private readonly WebhookSignature _signature;

    /// <exception cref="FormatException">The address is neither https nor on this machine, or the secret is none.</exception>
    public WebhookSender(string destination, Uri address, string secret, TimeSpan patience)
    {
        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
            throw new FormatException($"Webhooks for '{destination}' go to an https address (or to this machine).");
        (Destination, _address, _signature) = (destination, address, new WebhookSignature(secret));
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = patience };
    }

    public string Destination { get; }

    public async Task<Delivery> SendAsync(OutboxMessage message, CancellationToken cancellation)
    {
        var (id, now) = (message.Id.ToString(), DateTimeOffset.UtcNow);
        using var request = new HttpRequestMessage(HttpMethod.Post, _address)
        {
            Content = new StringContent(message.Body, new MediaTypeHeaderValue("application/cloudevents+json", "utf-8")),
        };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", _signature.Of(id, now, message.Body));
        try
        {
            using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (answer.IsSuccessStatusCode) return Delivery.Taken;
            return new Delivery($"HTTP {(int)answer.StatusCode}") { Gone = answer.StatusCode == HttpStatusCode.Gone, RetryAfter = Wish(answer.Headers.RetryAfter, now) };
        }
        catch (HttpRequestException failure)
        {
            return new Delivery(failure.HttpRequestError.ToString());
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Delivery(FormattableString.Invariant($"no answer within {_client.Timeout.TotalSeconds:0.##} s"));
        }
    }

    public void Dispose() => _client.Dispose();

    private static TimeSpan? Wish(RetryConditionHeaderValue? header, DateTimeOffset now) => header?.Delta ?? (header?.Date is { } until ? until - now : null);
}
