using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Web;
using CoffreFort.Transparency;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace CoffreFort.Server.Features.Log;

/// <summary>
/// The public log (C2SP tlog-tiles): what anybody needs to hold the operator to account, and nothing about whom an event concerns. Only what a published checkpoint covers.
/// </summary>
/// <remarks>Each log has a prefix of its own: one that continues another after a restore stands beside it, so that no address ever has two contents.</remarks>
public sealed class ServeLog(PublishedLog log, JournalTree tree, LogSettings settings)
{
    public static readonly Refusal KeyMissing = new("log-key-missing", "La clé du journal public manque : rien ne peut être vérifié tant qu'elle n'est pas remise en place.", 503);

    private const string Text = "text/plain; charset=utf-8";
    private const string Bytes = "application/octet-stream";
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder app)
    {
        foreach (var prefix in (string[])["/log", "/log/{continuation}"])
        {
            app.MapMethods($"{prefix}/checkpoint", Methods, GetCheckpoint).AllowAnonymous().Produces<string>(200, "text/plain")
                .WithSummary("The newest checkpoint: a signed note");
            app.MapMethods($"{prefix}/tile/{{**path}}", Methods, GetTile).AllowAnonymous().Produces<byte[]>(200, Bytes)
                .WithSummary("A tile of the hash tree (level/index), or the commitments below one (entries/index)");
        }

        app.MapMethods("/log/vkey", Methods, GetKeys).AllowAnonymous().Produces<string>(200, "text/plain")
            .WithSummary("The keys that checkpoints verify with, one a line");
    }

    private static async Task<IResult> GetCheckpoint(string? continuation, HttpResponse response, PublishedLog log, LogSettings settings, CancellationToken cancellation)
    {
        if (await log.NewestAsync(cancellation) is not { } newest || settings.PrefixOf(newest.Origin) != PrefixOf(continuation)) return Problems.Result(Refusal.NotFound);
        response.Headers.CacheControl = "no-cache";
        return Result(Encoding.UTF8.GetBytes(newest.Note), Text);
    }

    private static async Task<IResult> GetKeys(HttpResponse response, PublishedLog log, LogKeys keys, CancellationToken cancellation)
    {
        var origins = await log.OriginsAsync(cancellation);
        if (origins.Count == 0) return Problems.Result(Refusal.NotFound);
        response.Headers.CacheControl = "no-cache";
        // The key of an ended log may be lost: no other takes its place. That of the present one is missed by everybody.
        if (!keys.Holds(origins[0])) return Problems.Result(KeyMissing);
        return Result(Encoding.UTF8.GetBytes(string.Concat(origins.Where(keys.Holds).Select(origin => $"{keys.VerifierKey(origin)}\n"))), Text);
    }

    private static async Task<IResult> GetTile(string? continuation, string? path, HttpContext context, ServeLog log, CancellationToken cancellation)
    {
        // One tile has one address: neither escapes nor another case lead to it.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        var prefix = PrefixOf(continuation);
        if (!target.EndsWith($"{prefix}/tile/{path}", StringComparison.Ordinal) || !TileCoordinates.TryParse(path, out var tile, out var entries))
            return Problems.Result(Refusal.NotFound);
        if (await log.FindAsync(prefix, tile, entries, cancellation) is not { } content) return Problems.Result(Refusal.NotFound);
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        if (!entries) return Result(content, Bytes);

        context.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (!AcceptsGzip(context.Request)) return Result(content, Bytes);
        context.Response.Headers.ContentEncoding = "gzip";
        return Result(Compressed(content), Bytes);
    }

    /// <summary>The bytes of a tile, or of a bundle of entries; null when no published tree of the log below the prefix has it.</summary>
    private async Task<byte[]?> FindAsync(string prefix, TileCoordinates tile, bool entries, CancellationToken cancellation)
    {
        if (await log.NewestAsync(cancellation) is not { } newest || settings.PrefixOf(newest.Origin) != prefix || !await log.HasAsync(newest, tile, cancellation)) return null;
        return entries
            ? EntryBundle.Format((await tree.EntriesAsync(tile, cancellation)).Select(entry => (ReadOnlyMemory<byte>)entry))
            : await tree.TileAsync(tile, cancellation);
    }

    private static IResult Result(byte[] content, string type) =>
        Results.Bytes(content, type, entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 16))}\""));

    private static string PrefixOf(string? continuation) => continuation is null ? "/log" : $"/log/{continuation}";

    private static bool AcceptsGzip(HttpRequest request) =>
        request.GetTypedHeaders().AcceptEncoding.Any(coding => coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && coding.Quality is null or > 0);

    private static byte[] Compressed(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest)) gzip.Write(content);
        return compressed.ToArray();
    }
}
