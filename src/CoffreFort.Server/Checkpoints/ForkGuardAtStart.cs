namespace CoffreFort.Server.Checkpoints;

/// <summary>Before anything is served: refuses to start over a journal that is older or other than what was published.</summary>
public sealed class ForkGuardAtStart(ForkGuard guard, LogKeys keys, ILogger<ForkGuardAtStart> log) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var report = await guard.CompareAsync(cancellationToken);
        foreach (var finding in report.Findings) log.LogError("Not compared or not equal: {Finding}", finding.Words);
        if (report.Begun is { } begun)
            log.LogWarning("The log goes on as {Origin}, and has published nothing yet. Whoever follows it, a witness first, must be told its key: {Key}", begun, keys.VerifierKey(begun));
        if (report.Last is not null && report.SayUnasked() is { Length: > 0 } unasked) log.LogInformation("The journal was compared with what is kept here. {Unasked}", unasked);
        var grave = report.Findings.Where(finding => finding.Kind != ForkKind.Unreachable).ToList();
        if (grave.Count > 0) throw new ForkRefusedException((report with { Findings = grave }).Explain());
        // A required witness that is out of reach holds up publishing until it has cosigned, which compares; nobody else makes up for the blob store.
        if (report.Findings.FirstOrDefault(finding => finding.Place == ForkGuard.BlobStore) is { } mute)
            throw new ForkRefusedException($"CoffreFort does not start before its journal was compared with what was published: {mute.Words}. Bring that back and start again; nothing was changed.");
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
