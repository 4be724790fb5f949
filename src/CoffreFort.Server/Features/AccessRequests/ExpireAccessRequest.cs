using CoffreFort.Server.Acts;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>A request that nobody answered in time ends. That it has ended is true from its instant on; this only writes it down.</summary>
public static class ExpireAccessRequest
{
    public static Decision Decide(AccessRequest request, DateTimeOffset now) =>
        request.State == AccessRequestState.Pending && now >= request.Asked!.Expires ? Decision.Of(new AccessRequestExpired()) : Decision.Nothing;

    public static Task<Outcome> Handle(Guid id, ActRunner acts, CancellationToken cancellation) =>
        acts.RunAsync<AccessRequest>(Actor.Clockwork("expiry"), id, Decide, cancellation);
}

/// <summary>Writes down that requests have ended whose time has passed, though nobody asks. Every node runs one; each request ends once.</summary>
public sealed class ExpiryClock(IServiceScopeFactory scopes, ActRunner acts, TimeProvider time, ILogger<ExpiryClock> log) : BackgroundService
{
    private const int AtOnce = 100;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMinutes(10);
    private readonly SetAside _failed = new(time, TryAgainAfter);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => new Ticks(Tick, "Requests past their time", log).RunAsync(TakeOverdueAsync, stoppingToken);

    private async Task TakeOverdueAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        foreach (var id in await scope.ServiceProvider.GetRequiredService<AccessRequestFinder>().OverdueAsync(AtOnce, _failed.Current(), cancellation))
            await ExpireAsync(id, cancellation);
    }

    /// <summary>One whose stream can't be read concerns only itself: those behind it end all the same.</summary>
    private async Task ExpireAsync(Guid id, CancellationToken cancellation)
    {
        try
        {
            await ExpireAccessRequest.Handle(id, acts, cancellation);
        }
#pragma warning disable CA1031 // Whatever it was, it is tried again later.
        catch (Exception failure) when (failure is not OperationCanceledException && !Faults.IsOutage(failure))
        {
            _failed.Add(id);
            log.LogWarning(failure, "Request {Request}, past its time, was not recorded as expired; trying again in {Minutes} minutes", id, TryAgainAfter.TotalMinutes);
        }
#pragma warning restore CA1031
    }
}
