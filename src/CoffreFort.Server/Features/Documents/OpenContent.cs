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

    /// <summary>A document up to this size is opened once and kept until its read is recorded, while there is room; else it is opened a second time to be sent.</summary>
    private const long KeptWhole = 16L << 20;

    /// <summary>What may be kept at once, whoever asks for it: memory does not follow load.</summary>
    private const long RoomToKeep = 64L << 20;

    private const int Slice = 128 << 10;

    private long _kept;

    /// <param name="http">The request, with its range.</param>
    /// <param name="identity">The version.</param>
    /// <param name="content">What the journal says of it.</param>
    /// <param name="inPlace">To be shown in a page, as far as its type allows; else to be saved.</param>
    /// <param name="record">Appends the read; bytes leave only when this was not refused.</param>
    /// <param name="cancellation">Ends the answer.</param>
    public async Task<IResult> AnswerAsync(
        HttpContext http, DocumentIdentity identity, StoredContent content, bool inPlace, Func<Task<Outcome>> record, CancellationToken cancellation)
    {
        if (HttpMethods.IsHead(http.Request.Method)) return Head(http, identity, content, inPlace);
        var (verified, unreadable) = await VerifyAsync(http, identity, content, cancellation);
        if (verified is null) return Problems.Result(unreadable!);
        using (verified) return await SendAsync(http, verified, inPlace, await record(), cancellation);
    }

    /// <summary>What an answer would look like; sends and records nothing.</summary>
    public static IResult Head(HttpContext http, DocumentIdentity identity, StoredContent content, bool inPlace)
    {
        var tag = Tag(identity, content);
        return RangeOf(http, content, tag) is { } range ? Headers(http, content, range, tag, inPlace, "") : Problems.Result(NotSatisfiable);
    }

    /// <summary>Opens the content as far as that proves it whole, before anybody says that it was read.</summary>
    /// <param name="http">The request, with its range.</param>
    /// <param name="identity">The version.</param>
    /// <param name="content">What the journal says of it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="whenErased">What its holder is told once its keys are gone; to everybody else it does not exist.</param>
    /// <returns>The content, which the caller disposes of; or why it can't be read.</returns>
    public async Task<(VerifiedContent? Content, Refusal? Refusal)> VerifyAsync(
        HttpContext http, DocumentIdentity identity, StoredContent content, CancellationToken cancellation, Refusal? whenErased = null)
    {
        var tag = Tag(identity, content);
        if (RangeOf(http, content, tag) is not { } range) return (null, NotSatisfiable);
        var (key, texts) = await keys.OpeningAsync(identity, content.Blob, content.FileName.KeyOf(identity.Vault), cancellation);
        using var naming = texts;
        if (key is null) return (null, whenErased ?? Refusal.NotFound);
        VerifiedContent? verified = new(identity, content, range, tag, key);
        try
        {
            verified.FileName = content.FileName.Reveal(texts) ?? "document";
            if (await FindAsync(verified, cancellation) is not { } finding) return (Interlocked.Exchange(ref verified, null), null);
            // Erased under the reader's hands: the keys go before the blob does.
            using var still = await keys.DocumentAsync(identity, content.Blob, cancellation);
            if (still is null) return (null, whenErased ?? Refusal.NotFound);
            await ReportAsync(identity, finding);
            return (null, IntegrityBroken);
        }
        finally
        {
            verified?.Dispose();
        }
    }

    /// <summary>Lets it out, unless its read was refused.</summary>
    public async Task<IResult> SendAsync(HttpContext http, VerifiedContent verified, bool inPlace, Outcome recorded, CancellationToken cancellation)
    {
        if (recorded.Refusal is { } refusal) return Problems.Result(refusal);
        if (recorded.Written is { } written) http.Response.Headers[Views.ReadPosition.Name] = written.LastPosition.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Headers(http, verified.Content, verified.Range, verified.Tag, inPlace, verified.FileName);
        if (verified.Plaintext is not { } plaintext)
        {
            await OpenAgainAsync(http, verified, cancellation);
            return Results.Empty;
        }

        // In slices: each is copied on its way out, and a slow reader must not have all of it copied.
        var (at, end) = (verified.Range.Offset, verified.Range.Offset + verified.Range.Length);
        for (; at < end; at += Slice) await http.Response.Body.WriteAsync(plaintext[(int)at..(int)Math.Min(end, at + Slice)], cancellation);
        return Results.Empty;
    }

    private Task<string?> FindAsync(VerifiedContent verified, CancellationToken cancellation)
    {
        var content = verified.Content;
        return TryTakeRoom(content.Size)
            ? ContentVerification.OpenAsync(
                blobs, content.Blob, content.SealedSize, verified.Identity, verified.Key, verified.Keep(room => Interlocked.Add(ref _kept, -room)), cancellation)
            : ContentVerification.FindAsync(blobs, content.Blob, content.SealedSize, verified.Identity, verified.Key, VerifiedWhole, cancellation);
    }

    private bool TryTakeRoom(long size)
    {
        if (size > KeptWhole) return false;
        var room = VerifiedContent.RoomFor(size);
        if (Interlocked.Add(ref _kept, room) <= RoomToKeep) return true;
        Interlocked.Add(ref _kept, -room);
        return false;
    }

    private async Task OpenAgainAsync(HttpContext http, VerifiedContent verified, CancellationToken cancellation)
    {
        var (identity, content, range) = (verified.Identity, verified.Content, verified.Range);
        try
        {
            var header = new byte[ContainerLayout.HeaderLength];
            await using var start = await blobs.OpenReadAsync(content.Blob, 0, range.Length == content.Size ? null : header.Length, cancellation);
            await start.ReadExactlyAsync(header, cancellation);
            using var opener = new ContainerOpener(verified.Key, identity.ContainerContext(), header, content.SealedSize);
            if (range.Length == content.Size)
            {
                await opener.OpenRangeAsync(start, 0, range.Length, http.Response.Body, cancellation);
                return;
            }

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

    private static EntityTagHeaderValue Tag(DocumentIdentity identity, StoredContent content) => new($"\"v{identity.Version}-{content.CiphertextSha256[..16]}\"");

    private static ByteRange? RangeOf(HttpContext http, StoredContent content, EntityTagHeaderValue tag)
    {
        if (ByteRange.Of(http.Request, content.Size, tag) is { } range) return range;
        http.Response.Headers.ContentRange = $"bytes */{content.Size}";
        return null;
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
