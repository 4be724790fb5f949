using CoffreFort.EventStore;
using CoffreFort.Server.Acts;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>A request that nobody answered in time ends. That it has ended is true from its instant on; this only writes it down.</summary>
public static class ExpireAccessRequest
{
    public static Decision Decide(AccessRequest request, DateTimeOffset now) =>
        request.State == AccessRequestState.Pending && now >= request.Asked!.Expires ? Decision.Of(new AccessRequestExpired()) : Decision.Nothing;

    public static Task<Outcome> Handle(Guid id, ActRunner acts, CancellationToken cancellation) =>
        acts.RunAsync<AccessRequest>(Actor.Clockwork("expiry"), id, Decide, cancellation);
}

/// <summary>Looks every minute for requests whose time has passed. Several nodes may: each request ends once.</summary>
public sealed class ExpiryClock(IServiceScopeFactory scopes, ActRunner acts, TimeProvider time, ILogger<ExpiryClock> log) : BackgroundService
{
    private const int AtOnce = 100;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                foreach (var id in await scope.ServiceProvider.GetRequiredService<AccessRequestFinder>().OverdueAsync(AtOnce, stoppingToken))
                    await ExpireAccessRequest.Handle(id, acts, stoppingToken);
            }
            catch (JournalUnavailableException failure)
            {
                log.LogWarning(failure, "Requests past their time were not recorded as expired; the next minute tries again.");
            }
        }
    }
}
