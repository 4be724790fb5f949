using CoffreFort.EventStore;
using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Documents;

/// <summary>The holder takes out the signature file that came beside a version. It is no reading: of what the document says it holds nothing, and who issued it the page says already.</summary>
public static class ReadSignature
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/documents/{id:guid}/versions/{version:int}/signature", Get).RequireAuthorization(Policies.HolderOrHelper)
        .WithSummary("The signature file that came beside a version, byte for byte").Produces<byte[]>(StatusCodes.Status200OK, SignatureFile.MediaType);

    private static async Task<IResult> Get(Guid id, int version, HttpContext http, Person person, Journal journal, KeptSignature kept, CancellationToken cancellation)
    {
        var document = await journal.AggregateStreamAsync<Document>(id, cancellation: cancellation) ?? Document.Empty;
        var vault = await journal.AggregateStreamAsync<Vault>(document.Vault, cancellation: cancellation) ?? Vault.Empty;
        var asked = new ReadDocument(version, person.Id, Uses.Download);
        return ReadDocument.Decide(vault, id, document, asked, await journal.NowAsync(cancellation)).Refusal is { } refusal
            ? Problems.Result(refusal)
            : await kept.AnswerAsync(http, id, document, version, cancellation);
    }
}
