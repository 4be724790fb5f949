using CoffreFort.Server.Edges.Witness;

namespace CoffreFort.Server.Checkpoints;

/// <summary>Before anything is served: refuses to start over a journal that is older or other than what was published.</summary>
public sealed class ForkGuardAtStart(ForkGuard guard, Witnesses witnesses, ILogger<ForkGuardAtStart> log) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var report = await guard.CompareAsync(cancellationToken);
        foreach (var finding in report.Findings) log.LogError("Not compared or not equal: {Finding}", finding.Words);
        var grave = report.Findings.Where(finding => finding.Kind != ForkKind.Unreachable).ToList();
        if (grave.Count > 0) throw new ForkRefusedException((report with { Findings = grave }).Explain());
        var mute = report.Findings.Where(finding => witnesses.Required || finding.Place == "the blob store").ToList();
        if (mute.Count > 0)
        {
            throw new ForkRefusedException(
                $"CoffreFort does not start before its journal was compared with what was published:\n{string.Join('\n', mute.Select(finding => $"- {finding.Words}"))}\nBring that back and start again; nothing was changed.");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
