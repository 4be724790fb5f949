namespace CoffreFort.Server.Hosting;

/// <summary>Whether this node lives, and whether it can serve: what each <see cref="IReadinessPart"/> says.</summary>
public static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Ok(new { status = "live" })).AllowAnonymous();
        app.MapGet("/health/ready", ReadyAsync).AllowAnonymous();
    }

    private static async Task<IResult> ReadyAsync(Readiness readiness, EventStore.Subscriptions subscriptions, CancellationToken cancellation)
    {
        var parts = await readiness.LookAsync(cancellation);
        var problems = parts.SelectMany(part => part.Report.Problems).ToList();
        var ready = !problems.Any(problem => problem.Blocks);
        var answer = new Dictionary<string, object>
        {
            ["status"] = ready ? "ready" : "not-ready", ["node"] = subscriptions.Node,
            ["problems"] = problems.Select(problem => new { problem.Code, problem.Subject, problem.Reason, problem.Since, problem.Blocks }),
        };
        foreach (var (name, report) in parts) answer[name] = report.Details;
        return Results.Json(answer, statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
