using CoffreFort.Server.Sealing;

namespace CoffreFort.Server.Features.Receipts;

/// <summary>
/// Anybody may have the certificates of the seal. Whoever verifies takes them from here once, or by another way, and keeps them: not each time from where the receipt came.
/// </summary>
public static class ServeSeal
{
    public static void Map(IEndpointRouteBuilder app) => app.MapMethods("/seal", [HttpMethods.Get, HttpMethods.Head], Get).AllowAnonymous()
        .WithSummary("The certificates under which receipts and sealed copies are sealed here (PEM), the present one first").Produces<string>(StatusCodes.Status200OK, "application/x-pem-file");

    private static async Task<IResult> Get(HttpResponse response, ServerSeal seals, CancellationToken cancellation)
    {
        response.Headers.CacheControl = "no-cache";
        return Results.Text(await seals.PublishedAsync(cancellation), "application/x-pem-file");
    }
}
