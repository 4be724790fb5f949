using CoffreFort.Server.Hosting;
using CoffreFort.Server.Outbox;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.Operations;

/// <summary>
/// Notes what readiness complains about and since when, and tells the operator of each once when it begins and once when it is over. Every node looks; they agree on
/// the instants, and so write the same messages.
/// </summary>
public sealed class AlertClock(Readiness readiness, ProblemRecord record, IConfiguration configuration, ILogger<AlertClock> log) : BackgroundService
{
    private readonly TimeSpan _every = configuration.Duration("Alerts:LookEvery", TimeSpan.FromSeconds(15));
    private readonly TimeSpan _overAfter = configuration.Duration("Alerts:OverAfter", TimeSpan.FromMinutes(1), none: true);
    private readonly bool _tells = !string.IsNullOrEmpty(configuration["Alerts:Url"]);

    /// <summary>One look.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        await record.NoteAsync(
            await readiness.ProblemsAsync(cancellation),
            (problem, connection) => IsTold(problem.Code) ? MessageOutbox.AddAsync(Alert.Of(problem.Code, problem.Subject, problem.Since!.Value), connection, cancellation) : Task.CompletedTask,
            cancellation);
        await record.ForgetAsync(
            _overAfter,
            (code, subject, since, connection) => IsTold(code) ? MessageOutbox.AddAsync(Alert.Over(code, subject, since), connection, cancellation) : Task.CompletedTask,
            cancellation);
    }

    /// <summary>That a node waits for another version of a view is part of every update; a view that no node runs is told as what stands still.</summary>
    private bool IsTold(string code) => _tells && code != ViewReadiness.HeldUp;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(_every, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The next look may go better.
            catch (Exception failure)
            {
                log.LogWarning(failure, "Problems could not be noted; trying again");
            }
#pragma warning restore CA1031
        }
    }
}
