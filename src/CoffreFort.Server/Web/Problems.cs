using System.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Web;

/// <summary>The one place where a refusal becomes an answer: problem details (RFC 9457) for programs, an error message or an error page for people.</summary>
public static class Problems
{
    /// <summary>Where the problem types are described; <c>Problems:Base</c> in the configuration puts another in its place.</summary>
    public const string DefaultBase = "https://coffrefort.example/problems/";

    /// <summary>For a minimal API handler: <c>return Problems.Result(refusal);</c></summary>
    public static IResult Result(Refusal refusal) => new RefusalResult(refusal);

    /// <summary>For a page: 403 and 404 become the error page, anything else an error on top of the form, with what was typed kept.</summary>
    public static IActionResult Refused(this PageModel page, Refusal refusal)
    {
        if (refusal.Status is 403 or 404)
        {
            Remember(page.HttpContext, refusal);
            return page.StatusCode(refusal.Status);
        }
        page.ModelState.AddModelError(string.Empty, Detail(page.HttpContext, refusal));
        page.Response.StatusCode = refusal.Status;
        return page.Page();
    }

    /// <summary>Answers with the refusal as problem details, whatever the client accepts.</summary>
    public static async Task Write(HttpContext context, Refusal refusal)
    {
        var address = context.RequestServices.GetRequiredService<IConfiguration>()["Problems:Base"] ?? DefaultBase;
        var problem = new ProblemDetails
        {
            Type = address + refusal.Code,
            Title = Localizer(context)[Faults.Title(refusal.Status)],
            Detail = Detail(context, refusal),
            Status = refusal.Status,
            Extensions = { ["code"] = refusal.Code, ["traceId"] = TraceId(context) },
        };
        if (refusal.Rule is not null)
            problem.Extensions["rule"] = refusal.Rule;
        context.Response.StatusCode = refusal.Status;
        await context.Response.WriteAsJsonAsync(problem, options: null, "application/problem+json", context.RequestAborted);
    }

    internal static string Detail(HttpContext context, Refusal refusal) => Localizer(context)[refusal.Detail, [.. refusal.Arguments]];

    internal static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    internal static void Remember(HttpContext context, Refusal refusal) => context.Items[typeof(Refusal)] = refusal;

    internal static Refusal? Remembered(HttpContext context) => context.Items[typeof(Refusal)] as Refusal;

    private static IStringLocalizer<Texts> Localizer(HttpContext context) => context.RequestServices.GetRequiredService<IStringLocalizer<Texts>>();

    private sealed class RefusalResult(Refusal refusal) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => refusal.Status;

        public Task ExecuteAsync(HttpContext httpContext) => Write(httpContext, refusal);
    }
}
