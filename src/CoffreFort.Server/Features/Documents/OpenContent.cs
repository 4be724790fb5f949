using CoffreFort.Cryptography;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;
using Microsoft.Net.Http.Headers;

namespace CoffreFort.Server.Features.Documents;

/// <summary>
/// Lets a version's content out: first it is verified, then the read is recorded, then bytes leave. A failure on the way never looks
/// like a complete answer.
/// </summary>
public sealed class OpenContent(KeyStore keys, IBlobStore blobs, IntegrityIncidents incidents)
{
    /// <summary>Up to here a blob is verified whole before its first byte leaves; above it, chunk by chunk.</summary>
    private const long VerifiedWhole = 64L << 20;

    /// <param name="http">The request, with its range.</param>
    /// <param name="identity">The version.</param>
    /// <param name="content">What the journal says of it.</param>
    /// <param name="inPlace">To be shown in a page, as far as its type allows; else to be saved.</param>
    /// <param name="record">Appends the read; bytes leave only when this was not refused.</param>
    /// <param name="cancellation">Ends the answer.</param>
    /// <param name="whenErased">What its holder is told once its keys are gone; to everybody else it does not exist.</param>
    public async Task<IResult> AnswerAsync(
        HttpContext http, DocumentIdentity identity, StoredContent content, bool inPlace, Func<Task<Outcome>> record, CancellationToken cancellation,
        Refusal? whenErased = null)
    {
        var tag = new EntityTagHeaderValue($"\"v{identity.Version}-{content.CiphertextSha256[..16]}\"");
        if (ByteRange.Of(http.Request, content.Size, tag) is not { } range)
        {
            http.Response.Headers.ContentRange = $"bytes */{content.Size}";
            return Problems.Result(NotSatisfiable);
        }

        if (HttpMethods.IsHead(http.Request.Method)) return Headers(http, content, range, tag, inPlace, "");
        using var key = await keys.DocumentAsync(identity, content.Blob, cancellation);
        if (key is null) return Problems.Result(whenErased ?? Refusal.NotFound);
        if (await ContentVerification.FindAsync(blobs, content.Blob, content.SealedSize, identity, key, VerifiedWhole, cancellation) is { } finding)
        {
            // Erased under the reader's hands: the keys go before the blob does.
            using var still = await keys.DocumentAsync(identity, content.Blob, cancellation);
            if (still is null) return Problems.Result(whenErased ?? Refusal.NotFound);
            await ReportAsync(identity, finding);
            return Problems.Result(IntegrityBroken);
        }

        var fileName = await keys.RevealAsync(identity.Vault, content.FileName, cancellation) ?? "document";
        var outcome = await record();
        if (outcome.Refusal is { } refusal) return Problems.Result(refusal);
        if (outcome.Written is { } written) http.Response.Headers[Views.ReadPosition.Name] = written.LastPosition.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Headers(http, content, range, tag, inPlace, fileName);
        await SendAsync(http, identity, content, range, key, cancellation);
        return Results.Empty;
    }

    private async Task SendAsync(
        HttpContext http, DocumentIdentity identity, StoredContent content, ByteRange range, SecretKey key, CancellationToken cancellation)
    {
        try
        {
            var header = new byte[ContainerLayout.HeaderLength];
            await using (var start = await blobs.OpenReadAsync(content.Blob, 0, header.Length, cancellation)) await start.ReadExactlyAsync(header, cancellation);
            using var opener = new ContainerOpener(key, identity.ContainerContext(), header, content.SealedSize);
            var (offset, length) = opener.SealedRange(range.Offset, range.Length);
            await using var stored = await blobs.OpenReadAsync(content.Blob, offset, length, cancellation);
            await opener.OpenRangeAsync(stored, range.Offset, range.Length, http.Response.Body, cancellation);
        }
        catch (Exception failure) when (failure is CryptographicFailure or BlobNotFoundException or EndOfStreamException)
        {
            // The length was announced: an aborted connection is the only honest end of an answer that can't be completed.
            http.Abort();
            await ReportAsync(identity, failure is BlobNotFoundException ? Findings.Missing : Findings.Damaged);
        }
        catch (BlobStoreException)
        {
            http.Abort();
        }
    }

    private Task ReportAsync(DocumentIdentity identity, string finding) =>
        incidents.NoteAsync(identity.Document, new IntegrityFailed(checked((int)identity.Version), finding));

    /// <summary>A document is a stranger's file: no browser may run it, guess at it, or show it as more than it is.</summary>
    private static IResult Headers(HttpContext http, StoredContent content, ByteRange range, EntityTagHeaderValue tag, bool inPlace, string fileName)
    {
        var headers = http.Response.GetTypedHeaders();
        http.Response.StatusCode = range.IsPartial ? StatusCodes.Status206PartialContent : StatusCodes.Status200OK;
        headers.ContentType = new MediaTypeHeaderValue(content.MediaType);
        headers.ContentLength = range.Length;
        headers.ETag = tag;
        headers.CacheControl = new CacheControlHeaderValue { NoStore = true, Private = true };
        if (range.IsPartial) headers.ContentRange = new ContentRangeHeaderValue(range.Offset, range.Offset + range.Length - 1, content.Size);
        http.Response.Headers.AcceptRanges = "bytes";
        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";
        var disposition = new ContentDispositionHeaderValue(inPlace && MediaTypes.Previewable.Contains(content.MediaType) ? "inline" : "attachment");
        if (fileName.Length > 0) disposition.SetHttpFileName(fileName);
        headers.ContentDisposition = disposition;
        return Results.Empty;
    }

    private static Refusal NotSatisfiable { get; } = new("range-not-satisfiable", "La plage demandée est en dehors du document.", 416);

    internal static Refusal IntegrityBroken { get; } = new(
        "integrity-failed", "Le contenu conservé n'est plus celui qui a été déposé : il n'est pas remis. L'incident est inscrit au journal.", 500);
}
