using System.Collections.Concurrent;
using System.Net;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using CoffreFort.Server.Edges.Blobs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CoffreFort.IntegrationTests.Blobs.Lying;

/// <summary>A service that lies: an HTTP proxy in front of Azurite's container. Requests are passed on as they were signed.</summary>
internal sealed class LyingProxy : IAsyncDisposable
{
    private static readonly string[] OfTheConnection = ["Host", "Connection", "Transfer-Encoding", "Keep-Alive"];

    private readonly HttpClient behind = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private readonly ConcurrentQueue<string> stored = new();
    private readonly ConcurrentDictionary<string, Answer> earlier = new();
    private readonly Lies lies;
    private readonly Uri real;
    private readonly BlobContainerClient truth;
    private readonly WebApplication application;

    private LyingProxy(Lies lies, Uri real, BlobContainerClient truth)
    {
        (this.lies, this.real, this.truth) = (lies, real, truth);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(options => options.Limits.MaxRequestBodySize = null);
        application = builder.Build();
        application.Run(AnswerAsync);
    }

    public Uri Address => new(application.Urls.Single());

    /// <param name="lies">What it tells.</param>
    /// <param name="container">The container it stands in front of.</param>
    public static async Task<LyingProxy> StartAsync(Lies lies, string container)
    {
        var azurite = await Azurite.Shared;
        var proxy = new LyingProxy(lies, azurite.Address(), azurite.Connect(container));
        await proxy.application.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await application.DisposeAsync();
        behind.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (lies.Tells(Lie.Slow)) await Task.Delay(lies.Choose(100), http.RequestAborted);
        if (lies.Tells(Lie.Outage))
        {
            http.Abort();
            return;
        }

        if (Refusal() is { } refusal) await refusal.SendAsync(http.Response);
        else if (HttpMethods.IsPut(http.Request.Method)) await PutAsync(http);
        else if (NameOf(http) is { } name && http.Request.Query["comp"].Count == 0 && !HttpMethods.IsDelete(http.Request.Method)) await ReadAsync(http, name);
        else await (await ForwardAsync(http)).SendAsync(http.Response);
    }

    private async Task PutAsync(HttpContext http)
    {
        if (lies.Tells(Lie.NotStored))
        {
            await http.Request.Body.CopyToAsync(Stream.Null);
            await Answer.Success(http.Request.Headers.ContentMD5).SendAsync(http.Response);
            return;
        }

        var answer = await ForwardAsync(http);
        var whole = http.Request.Query["comp"] is [] or ["blocklist"];
        if (whole && answer.Status == HttpStatusCode.Created && NameOf(http) is { } name && BlobName.TryParse(name, out _))
        {
            if (lies.Tells(Lie.FlippedOnWrite)) await DamageAsync(name, bytes => lies.Flip(bytes));
            if (lies.Tells(Lie.ShortWrite)) await DamageAsync(name, bytes => bytes[..(bytes.Length / 2)]);
            stored.Enqueue(name);
        }

        if (lies.Tells(Lie.StoredUnanswered)) http.Abort();
        else await answer.SendAsync(http.Response);
    }

    private async Task ReadAsync(HttpContext http, string name)
    {
        var answer = await ForwardAsync(http);
        var first = earlier.GetOrAdd(name, answer);
        if (lies.Tells(Lie.StaleRead)) answer = BlobName.TryParse(name, out _) ? Answer.Failure(HttpStatusCode.NotFound, "BlobNotFound") : first;
        if (lies.Tells(Lie.WrongTag)) answer = answer with { Headers = [.. answer.Headers.Where(header => header.Key != "ETag"), new("ETag", [$"\"0x{lies.Choose(int.MaxValue):X}\""])] };
        if (answer.IsSuccess && BlobName.TryParse(name, out _) && stored.LastOrDefault(one => one != name) is { } other && lies.Tells(Lie.Swapped))
            answer = await SwapAsync(answer, other, http.Request.Headers["x-ms-range"].ToString() is { Length: > 0 } range ? range : http.Request.Headers.Range.ToString());
        if (answer.Body.Length > 0 && lies.Tells(Lie.FlippedOnRead)) answer = answer with { Body = lies.Flip(answer.Body) };
        if (answer.Body.Length > 0 && lies.Tells(Lie.CutBody)) await answer.SendHalfAsync(http);
        else await answer.SendAsync(http.Response);
    }

    private Answer? Refusal() =>
        lies.Tells(Lie.Broken) ? Answer.Failure(HttpStatusCode.InternalServerError, "InternalError")
        : lies.Tells(Lie.Busy) ? Answer.Failure(HttpStatusCode.ServiceUnavailable, "ServerBusy")
        : lies.Tells(Lie.Throttled) ? Answer.Failure(HttpStatusCode.TooManyRequests, "TooManyRequests")
        : null;

    /// <summary>What was stored is replaced behind everybody's back; the mark of its upload stays.</summary>
    private async Task DamageAsync(string name, Func<byte[], byte[]> damage)
    {
        var blob = truth.GetBlobClient(name);
        var content = (await blob.DownloadContentAsync()).Value;
        await blob.UploadAsync(BinaryData.FromBytes(damage(content.Content.ToArray())), new BlobUploadOptions { Metadata = content.Details.Metadata });
    }

    private async Task<Answer> SwapAsync(Answer answer, string other, string range)
    {
        var bytes = (await truth.GetBlobClient(other).DownloadContentAsync()).Value.Content.ToArray();
        if (answer.Body.Length == 0) return answer with { Length = bytes.Length };
        var offset = range.Length > 0 ? int.Parse(range.Split('=', '-')[1], System.Globalization.CultureInfo.InvariantCulture) : 0;
        var asked = range.Length > 0 ? answer.Body.Length : bytes.Length;
        return answer with { Body = bytes[Math.Min(offset, bytes.Length)..Math.Min(offset + asked, bytes.Length)] };
    }

    private async Task<Answer> ForwardAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri(real, http.Request.Path.ToUriComponent() + http.Request.QueryString.ToUriComponent()));
        if (body.Length > 0 || HttpMethods.IsPut(http.Request.Method)) request.Content = new ByteArrayContent(body.ToArray());
        foreach (var header in http.Request.Headers.Where(header => !OfTheConnection.Contains(header.Key)))
            if (!request.Headers.TryAddWithoutValidation(header.Key, header.Value.ToArray()))
                request.Content?.Headers.TryAddWithoutValidation(header.Key, header.Value.ToArray());
        using var answer = await behind.SendAsync(request, http.RequestAborted);
        return await Answer.OfAsync(answer);
    }

    /// <summary>The blob of a request; null for the container's own.</summary>
    private static string? NameOf(HttpContext http) => http.Request.Path.Value!.Split('/') is [_, _, _, { Length: > 0 } name] ? name : null;

    private sealed record Answer(HttpStatusCode Status, KeyValuePair<string, IEnumerable<string>>[] Headers, byte[] Body, long? Length)
    {
        public bool IsSuccess => (int)Status is >= 200 and < 300;

        public static async Task<Answer> OfAsync(HttpResponseMessage answer) => new(
            answer.StatusCode,
            [.. answer.Headers.Concat(answer.Content.Headers).Where(header => !OfTheConnection.Contains(header.Key) && header.Key != "Content-Length")],
            await answer.Content.ReadAsByteArrayAsync(), answer.Content.Headers.ContentLength);

        public static Answer Failure(HttpStatusCode status, string code) => new(status, [new("x-ms-error-code", [code]), new("x-ms-retry-after-ms", ["5"])], [], 0);

        public static Answer Success(string? md5) => new(
            HttpStatusCode.Created,
            [
                new("ETag", ["\"0x8D000000000000\""]), new("Last-Modified", [DateTimeOffset.UtcNow.ToString("R")]), new("x-ms-request-server-encrypted", ["true"]),
                .. string.IsNullOrEmpty(md5) ? Array.Empty<KeyValuePair<string, IEnumerable<string>>>() : [new("Content-MD5", [md5])],
            ],
            [], 0);

        public async Task SendAsync(HttpResponse response)
        {
            Begin(response, Body.Length > 0 ? Body.Length : Length);
            if (Body.Length > 0) await response.Body.WriteAsync(Body);
        }

        public async Task SendHalfAsync(HttpContext http)
        {
            Begin(http.Response, Body.Length);
            await http.Response.Body.WriteAsync(Body.AsMemory(0, Body.Length / 2));
            await http.Response.Body.FlushAsync();
            http.Abort();
        }

        private void Begin(HttpResponse response, long? length)
        {
            response.StatusCode = (int)Status;
            foreach (var header in Headers) response.Headers[header.Key] = header.Value.ToArray();
            response.ContentLength = length;
        }
    }
}
