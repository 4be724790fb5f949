namespace CoffreFort.Server.Web;

/// <summary>
/// The frame in which documents are shown. It runs in an origin of its own (the sandbox makes it opaque), so whatever a hostile document makes it do, it has no
/// cookie, reaches no page of this site, and can fetch only the viewer's own public files.
/// </summary>
public static class Viewer
{
    public const string Address = "/viewer";
    private const string Library = "/lib/pdfjs";

    public static void MapViewer(this IEndpointRouteBuilder app) => app.MapGet(Address, Show).AllowAnonymous().ExcludeFromDescription();

    /// <summary>The viewer's files are public; an opaque origin may load them only when they say so.</summary>
    internal static Task Share(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments(Address) || context.Request.Path.StartsWithSegments(Library))
        {
            context.Response.Headers.AccessControlAllowOrigin = "*";
            context.Response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        }

        return next(context);
    }

    private static IResult Show(HttpContext context)
    {
        // Written out, because 'self' means nothing certain to a document whose origin is opaque.
        var here = $"{context.Request.Scheme}://{context.Request.Host.ToUriComponent()}";
        var (own, library) = ($"{here}{Address}/", $"{here}{Library}/");
        context.Response.Headers.ContentSecurityPolicy =
            $"sandbox allow-scripts; default-src 'none'; script-src {own} {library} blob: 'wasm-unsafe-eval'; worker-src blob:; connect-src {library}; "
            + $"style-src {own}; img-src blob: data:; font-src blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
        return Results.Content(
            """
            <!DOCTYPE html>
            <html>
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <title>Document</title>
              <link rel="stylesheet" href="/viewer/viewer.css" crossorigin>
              <script type="module" src="/viewer/viewer.js"></script>
            </head>
            <body><main id="pages"></main></body>
            </html>
            """,
            "text/html; charset=utf-8");
    }
}
