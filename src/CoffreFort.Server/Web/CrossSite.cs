namespace CoffreFort.Server.Web;

/// <summary>
/// Refuses a change that another site's page makes this person's browser send along with their cookie. Pages carry an antiforgery token besides;
/// a bearer token is never sent by a browser on its own, so those requests are exempt, and so is a program that says neither Origin nor Sec-Fetch-Site.
/// </summary>
public static class CrossSite
{
    private static readonly Refusal Refused = new("cross-site-request", "Cette action vient d'un autre site : elle est refusée. Rien n'a été modifié.", 403);

    internal static Task Check(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (IsSafe(request.Method) || SignIn.ByToken(context) || (FromHere(request) && OriginIsHere(request)))
            return next(context);
        Problems.Remember(context, Refused);
        context.Response.StatusCode = Refused.Status;
        return Task.CompletedTask;
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    private static bool FromHere(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none";

    // The host is compared and not the scheme: a proxy that ends TLS in front of us changes only the scheme.
    private static bool OriginIsHere(HttpRequest request) =>
        request.Headers.Origin.ToString() is not { Length: > 0 } origin
        || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
}
