using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace CoffreFort.Server.Web;

/// <summary>Whether an answer goes to a program or to a person, and what becomes of one that has a status and no body.</summary>
public static class Answers
{
    private static readonly Unavailable Pause = new();

    private static readonly PathString[] Programs = ["/api", "/xroad", "/log", "/health", "/metrics", "/openapi"];

    public static bool IsForProgram(HttpContext context) =>
        Array.Exists(Programs, start => context.Request.Path.StartsWithSegments(start, StringComparison.OrdinalIgnoreCase)) || PrefersJson(context.Request);

    public static bool PrefersPage(HttpRequest request) => request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    public static bool PrefersJson(HttpRequest request) => !PrefersPage(request) && request.Headers.Accept.ToString().Contains("json", StringComparison.OrdinalIgnoreCase);

    /// <summary>The address if it stays on this site, else the other one: a link from outside can't send anybody away after sign-in.</summary>
    public static string LocalOr(string? address, string otherwise) => IsLocal(address) ? address! : otherwise;

    // The same rule as the framework's own: one leading slash, no second slash or backslash, no control character.
    private static bool IsLocal(string? address) =>
        address is ['/', ..] && address is not ['/', '/' or '\\', ..] && !address.Any(char.IsControl);

    /// <summary>Turns exceptions into a bare status and a remembered refusal; <see cref="Complete"/> then gives the body.</summary>
    internal static async Task CatchFaults(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (WentAway(context, exception))
        {
            // The client went away: nobody reads the answer, and nothing is wrong here.
            context.Response.StatusCode = context.Response.HasStarted ? context.Response.StatusCode : StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            Log(context, exception);
            var refusal = Faults.Of(exception);
            context.Response.Clear();
            context.Response.StatusCode = refusal.Status;
            if (refusal.Status == StatusCodes.Status503ServiceUnavailable)
            {
                var pause = (exception as Unavailable ?? Pause).RetryAfter.TotalSeconds;
                context.Response.Headers.RetryAfter = ((int)Math.Ceiling(pause)).ToString(System.Globalization.CultureInfo.InvariantCulture);
            }

            Problems.Remember(context, refusal);
        }
    }

    /// <summary>Gives a body to an answer that has only a status: problem details, or the error page.</summary>
    internal static async Task Complete(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method) || context.RequestAborted.IsCancellationRequested)
            return;
        var status = context.Response.StatusCode;
        if (IsForProgram(context))
        {
            await Problems.Write(context, Problems.Remembered(context) ?? Faults.Of(status));
            return;
        }
        var (path, query, method) = (context.Request.Path, context.Request.QueryString, context.Request.Method);
        context.SetEndpoint(null);
        context.Features.Get<IRouteValuesFeature>()?.RouteValues.Clear();
        (context.Request.Path, context.Request.QueryString, context.Request.Method) = ($"/error/{status}", QueryString.Empty, HttpMethods.Get);
        try
        {
            await next(context);
            if (!context.Response.HasStarted && context.Response.ContentType is null)
                await Problems.Write(context, Problems.Remembered(context) ?? Faults.Of(status));
        }
        finally
        {
            (context.Request.Path, context.Request.QueryString, context.Request.Method) = (path, query, method);
        }
    }

    // A reset may reach us through the body before the request is marked as aborted.
    private static bool WentAway(HttpContext context, Exception exception) =>
        exception is ConnectionResetException or ConnectionAbortedException
        || (context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException);

    private static void Log(HttpContext context, Exception exception)
    {
        var log = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("CoffreFort.Server.Faults");
        if (exception is BadHttpRequestException or System.Text.Json.JsonException or Microsoft.AspNetCore.Antiforgery.AntiforgeryValidationException)
            // Its own words repeat what was typed.
            log.LogDebug("Bad request {Method} {Path}: {Kind}", context.Request.Method, context.Request.Path, exception.GetType().Name);
        else if (Faults.IsOutage(exception) || exception is Edges.Blobs.BlobStoreFullException)
            log.LogWarning(exception, "Unavailable {Method} {Path}", context.Request.Method, context.Request.Path);
        else
            log.LogError(exception, "Fault {TraceId} {Method} {Path}", Problems.TraceId(context), context.Request.Method, context.Request.Path);
    }
}
