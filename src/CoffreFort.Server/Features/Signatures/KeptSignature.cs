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
    public async Task<IResult> AnswerAsync(HttpContext http, Guid document, int version, CancellationToken cancellation)
    {
        // Only its event has it: nothing that is remembered or listed does.
        var events = (await journal.FetchStreamAsync(document, cancellation: cancellation)).Select(stored => stored.Body).ToList();
        var vault = events.OfType<DocumentDeposited>().FirstOrDefault()?.Vault ?? Guid.Empty;
        var content = version == 1 ? events.OfType<DocumentDeposited>().FirstOrDefault()?.Content : events.OfType<VersionDeposited>().FirstOrDefault(one => one.Number == version)?.Content;
        if (await keys.RevealAsync(vault, content?.Signature?.Message, cancellation) is not { } message) return Problems.Result(NoSignature);
        var name = await keys.RevealAsync(vault, content!.FileName, cancellation);
        http.Response.GetTypedHeaders().CacheControl = new CacheControlHeaderValue { NoStore = true, Private = true };
        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        return Results.Bytes(Convert.FromBase64String(message), SignatureFile.MediaType, FileNames.Clean($"{name}.p7s"));
    }

    private static Refusal NoSignature { get; } = new("no-signature-file", "Aucun fichier de signature n'est venu avec cette version.", 404);
}
