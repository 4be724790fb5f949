using CoffreFort.Server.Hosting;
using CoffreFort.Server.Outbox;

namespace CoffreFort.Server.Features.Operations;

/// <summary>What readiness complains about is told to the operator once each time it begins. Every node looks; they write the same message.</summary>
public sealed class AlertClock(Readiness readiness, MessageOutbox outbox, IConfiguration configuration, ILogger<AlertClock> log) : BackgroundService
{
    private readonly TimeSpan _every = configuration.GetValue("Alerts:LookEvery", TimeSpan.FromSeconds(15));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (string.IsNullOrEmpty(configuration["Alerts:Url"])) return;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(_every, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                // Without an instant nobody could tell one occurrence from the next.
                foreach (var problem in await readiness.ProblemsAsync(stoppingToken))
                    if (problem.Since is { } since) await outbox.AddAsync(Alert.Of(problem.Code, problem.Subject, since), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The next look may go better.
            catch (Exception failure)
            {
                log.LogWarning(failure, "Alerts could not be looked for; trying again");
            }
#pragma warning restore CA1031
        }
    }
}
