using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Operations.Integrity;

namespace CoffreFort.Server.Hosting;

/// <summary>Whether this node lives, and whether it can serve: journal, blobs, and how far its views are behind.</summary>
public static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Ok(new { status = "live" })).AllowAnonymous();
        app.MapGet("/health/ready", ReadyAsync).AllowAnonymous();
    }

    private static async Task<IResult> ReadyAsync(
        Journal journal, IBlobStore blobs, Subscriptions subscriptions, SweepRecord sweep, LogStatus log, CancellationToken cancellation)
    {
        JournalHead? head = null;
        string? fault = null;
        try
        {
            head = await journal.HeadAsync(cancellation);
        }
        catch (JournalUnavailableException unavailable)
        {
            fault = unavailable.Message;
        }

        var store = await blobs.ProbeAsync(cancellation);
        var views = subscriptions.Statuses.Select(view => new ViewHealth(view.Name, view.Position, Math.Max(0, (head?.Size ?? 0) - view.Position), view.StoppedBy)).ToList();
        var ready = head is not null && log.State.StoppedBy is null && store.Writable && views.All(view => view.StoppedBy is null);
        return Results.Json(
            new { status = ready ? "ready" : "not-ready", journal = new { size = head?.Size, lastTimestamp = head is { Size: > 0 } ? head.LastTimestamp : (DateTimeOffset?)null, fault }, blobs = store, log = await log.HealthAsync(cancellation), views, integrity = await sweep.HealthAsync(cancellation) },
            statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private sealed record ViewHealth(string Name, long Position, long Lag, string? StoppedBy);
}
