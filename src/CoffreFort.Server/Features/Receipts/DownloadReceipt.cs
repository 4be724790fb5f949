using CoffreFort.Server.Acts;
using CoffreFort.Server.Web;
using Microsoft.Net.Http.Headers;

namespace CoffreFort.Server.Features.Receipts;

/// <summary>The sealed receipt of a deposit, a reading or an erasure, as a file that proves by itself: stock openssl verifies it.</summary>
public static class DownloadReceipt
{
    public const string MediaType = "application/pkcs7-mime";

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/receipts/{event:guid}/signed", Get).RequireAuthorization(Policies.SignedIn)
        .WithSummary("The sealed receipt (CAdES) of a deposit, a reading or an erasure; asked again it is the same").Produces<byte[]>(StatusCodes.Status200OK, MediaType);

    private static async Task<IResult> Get(Guid @event, HttpContext http, Person person, ReceiptEvents events, ReceiptIssuer issuer, CancellationToken cancellation)
    {
        if (await events.FindAsync(@event, person, cancellation) is not { } found) return Problems.Result(Refusal.NotFound);
        var receipt = found.Vault is { } vault && Statement.Of(found.Stored) is { } statement
            ? await issuer.IssueAsync(found.Stored, vault, statement, http.Actor(), cancellation)
            : await issuer.FindAsync(@event, cancellation);
        if (receipt?.Content is null) return Problems.Result(NoReceipt);
        var headers = http.Response.GetTypedHeaders();
        headers.CacheControl = new CacheControlHeaderValue { NoCache = true, Private = true };
        http.Response.Headers["Receipt-Level"] = receipt.Level;
        return Results.Bytes(receipt.ToBytes(), $"{MediaType}; smime-type=signed-data", $"receipt-{found.Stored.Position}.p7m");
    }

    private static Refusal NoReceipt { get; } = new(
        "no-sealed-receipt", "Seuls un dépôt, une lecture et un effacement ont un reçu scellé ; la preuve d'inscription au journal vaut pour tout.", 404);
}
