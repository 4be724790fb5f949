using CoffreFort.EventStore;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;
using Microsoft.Net.Http.Headers;

namespace CoffreFort.Server.Features.Signatures;

/// <summary>
/// Gives out the signature file that came beside a version, byte for byte: who has the document can verify it once more, with nobody's word for it. Whether they may have it is decided
/// before.
/// </summary>
public sealed class KeptSignature(Journal journal, RequestKeys keys)
{
    public async Task<IResult> AnswerAsync(HttpContext http, Guid id, Document document, int version, CancellationToken cancellation)
    {
        if (document.Find(version)?.Content is not { Signature.IsBeside: true, FileName.EventVersion: { } deposit } content) return Problems.Result(NoSignature);
        if (await keys.RevealAsync(document.Vault, await MessageAsync(id, deposit, cancellation), cancellation) is not { } message) return Problems.Result(NoSignature);
        var name = await keys.RevealAsync(document.Vault, content.FileName, cancellation);
        http.Response.GetTypedHeaders().CacheControl = new CacheControlHeaderValue { NoStore = true, Private = true };
        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        return Results.Bytes(Convert.FromBase64String(message), SignatureFile.MediaType, FileNames.Clean($"{name}.p7s"));
    }

    /// <summary>Whether what was deposited came with this signature file, byte for byte, or likewise with none. What was erased since can't be compared, and counts as the same.</summary>
    /// <param name="deposit">The event of the deposit.</param>
    /// <param name="message">Null for none.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<bool> CameAsync(EventCoordinates deposit, byte[]? message, CancellationToken cancellation)
    {
        if (await MessageAsync(deposit.StreamId, deposit.Version, cancellation) is not { } kept) return message is null;
        var document = await journal.AggregateStreamAsync<Document>(deposit.StreamId, cancellation: cancellation) ?? Document.Empty;
        if (await keys.RevealAsync(document.Vault, kept, cancellation) is not { } known) return true;
        return message is not null && Convert.FromBase64String(known).AsSpan().SequenceEqual(message);
    }

    /// <summary>Only the deposit's event has the file: nothing that is remembered or listed does.</summary>
    private async Task<Personal?> MessageAsync(Guid document, long deposit, CancellationToken cancellation)
    {
        var events = await journal.FetchStreamAsync(document, deposit, fromVersion: deposit, cancellation: cancellation);
        return ContentOf(events.Single().Body)?.Signature?.Message;
    }

    private static StoredContent? ContentOf(IEvent @event) => @event switch
    {
        DocumentDeposited e => e.Content,
        VersionDeposited e => e.Content,
        _ => null,
    };

    private static Refusal NoSignature { get; } = new("no-signature-file", "Aucun fichier de signature n'est venu avec cette version.", 404);
}
