using System.Globalization;
using System.Net;
using System.Text;
using CoffreFort.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace CoffreFort.Cli.Witness;

/// <summary>The witness on HTTP: <c>POST /add-checkpoint</c> as tlog-witness says, and <c>GET /</c> for people.</summary>
internal static class WitnessServer
{
    private const int LongestBody = 128 * 1024;
    private const int MostConnections = 128;
    private static readonly TimeSpan longestRequest = TimeSpan.FromSeconds(10);

    /// <summary>A server that listens once it is started, and answers for the logs.</summary>
    public static WebApplication Build(IPEndPoint address, NoteVerifierKey verifier, IReadOnlyDictionary<string, WitnessedLog> logs, Action<ILoggingBuilder> logging)
    {
        var connections = new WitnessConnections(MostConnections);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        logging(builder.Logging);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LongestBody;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(2));
            kestrel.Limits.RequestHeadersTimeout = longestRequest;
            kestrel.Limits.KeepAliveTimeout = longestRequest;
            kestrel.Limits.MaxRequestHeadersTotalSize = 8 * 1024;
            kestrel.Listen(address, listening => listening.Use(next => connection => connections.RunAsync(connection, next)));
        });
        var app = builder.Build();
        app.Run(context => (context.Request.Method, context.Request.Path.Value) switch
        {
            ("POST", "/add-checkpoint") => AddAsync(context, logs),
            ("GET" or "HEAD", "/") => AnswerAsync(context, new WitnessReply(200, Describe(verifier, logs.Values))),
            (_, "/add-checkpoint" or "/") => AnswerAsync(context, new WitnessReply(405, "Not this method here.\n")),
            _ => AnswerAsync(context, new WitnessReply(404, "POST /add-checkpoint (c2sp.org/tlog-witness) or GET /.\n")),
        });
        return app;
    }

    private static async Task AddAsync(HttpContext context, IReadOnlyDictionary<string, WitnessedLog> logs)
    {
        var body = await ReadAsync(context);
        if (body is null) return;
        var request = AddCheckpointRequest.Read(body, out var fault);
        await AnswerAsync(context, request is null ? WitnessReply.Malformed(fault!)
            : logs.GetValueOrDefault(request.Checkpoint.Origin) is not { } log ? WitnessReply.UnknownLog
            : await log.AddAsync(request));
    }

    /// <summary>The body, or null once the fault was answered.</summary>
    private static async Task<byte[]?> ReadAsync(HttpContext context)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(longestRequest);
        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, limit.Token);
            return body.ToArray();
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException refused)
        {
            await AnswerAsync(context, new WitnessReply(refused.StatusCode, "The body is too long, too slow, or ended before its length.\n"));
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            context.Response.Headers.Connection = "close";
            await AnswerAsync(context, new WitnessReply(408, "The body took too long.\n"));
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            context.Abort();
        }

        return null;
    }

    private static async Task AnswerAsync(HttpContext context, WitnessReply reply)
    {
        var body = Encoding.UTF8.GetBytes(reply.Body);
        (context.Response.StatusCode, context.Response.ContentType, context.Response.ContentLength) = (reply.Status, reply.ContentType, body.Length);
        context.Response.Headers.CacheControl = "no-store";
        if (reply.Status == 503) context.Response.Headers.RetryAfter = "5";
        if (context.Request.Method != "HEAD") await context.Response.Body.WriteAsync(body);
    }

    private static string Describe(NoteVerifierKey verifier, IEnumerable<WitnessedLog> logs)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"witness {verifier}\n");
        foreach (var log in logs.OrderBy(log => log.Origin, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"\nlog {log.Origin}\n");
            text.Append(log.State.Note is null ? "size none seen yet\n" : string.Create(CultureInfo.InvariantCulture,
                $"size {log.State.Size}\nroot {Convert.ToBase64String(log.State.Root)}\ncosigned {log.State.Time:yyyy-MM-dd'T'HH:mm:ss'Z'}\n"));
            text.Append(CultureInfo.InvariantCulture, $"refused and kept as evidence {log.EvidenceCount}\n").Append(log.Stopped is { } why ? $"stopped {why}\n" : "");
        }

        return text.ToString();
    }
}
