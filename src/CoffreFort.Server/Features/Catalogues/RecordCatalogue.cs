using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;

namespace CoffreFort.Server.Features.Catalogues;

/// <summary>A catalogue that differs from the one recorded last is recorded before anybody is served by it; once, however many nodes start with it.</summary>
public static class RecordCatalogue
{
    public static Decision Decide(CatalogueInForce inForce, CatalogueChanged loaded) => inForce.Recorded == loaded ? Decision.Nothing : Decision.Of(loaded);

    public static Task<Outcome> Handle(EvidenceCatalogue catalogue, ActRunner acts, CancellationToken cancellation)
    {
        var actor = Actor.Clockwork("catalogue");
        var loaded = new CatalogueChanged(
            catalogue.EvidenceTypesVersion, catalogue.Sha256[CatalogueFiles.EvidenceTypesName], catalogue.ProceduresVersion, catalogue.Sha256[CatalogueFiles.ProceduresName]);
        return acts.RunAsync(actor, async session =>
        {
            var inForce = await session.FetchForWriting<CatalogueInForce>(CatalogueInForce.Stream, cancellation);
            return session.Take(inForce, Decide(inForce.State, loaded), actor);
        }, cancellation);
    }
}

/// <summary>Records the catalogue when the server starts. A journal that can't be written then can record nothing else either: it is tried again until it can.</summary>
public sealed class CatalogueRecorder(EvidenceCatalogue catalogue, ActRunner acts, ILogger<CatalogueRecorder> log) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private bool _isRecorded;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RecordAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!_isRecorded && !stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(RetryAfter, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stoppingToken.IsCancellationRequested) await RecordAsync(stoppingToken);
        }
    }

    private async Task RecordAsync(CancellationToken cancellation)
    {
        try
        {
            // Another node that came first has recorded it, or its own: then the last one to start is the one in force.
            _isRecorded = (await RecordCatalogue.Handle(catalogue, acts, cancellation)).Refusal is null;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The server stops; the next start records it.
        }
#pragma warning disable CA1031 // Health says what is the matter with the journal; the server must stay up to say it.
        catch (Exception failure)
        {
            log.LogWarning(failure, "The catalogue in force could not be recorded yet");
        }
#pragma warning restore CA1031
    }
}
