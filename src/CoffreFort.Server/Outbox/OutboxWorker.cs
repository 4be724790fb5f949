namespace CoffreFort.Server.Outbox;

/// <summary>Sends what waits in the outbox. Every node runs one; a message is tried by one of them at a time.</summary>
public sealed class OutboxWorker(MessageOutbox outbox, IEnumerable<IMessageSender> senders, OutboxOptions options, ILogger<OutboxWorker> log) : BackgroundService
{
    /// <summary>So many are sent to one destination at once; each destination has its own, so that a slow receiver holds up no others.</summary>
    private const int Lanes = 2;

    private static readonly TimeSpan keep = TimeSpan.FromDays(30);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(senders.SelectMany(sender => Enumerable.Range(0, Lanes).Select(lane => RunAsync(sender, lane, stoppingToken))));

    private async Task RunAsync(IMessageSender sender, int lane, CancellationToken stopping)
    {
        var only = new Dictionary<string, IMessageSender> { [sender.Destination] = sender };
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                while (await outbox.TryNextAsync(only, options, stopping)) stopping.ThrowIfCancellationRequested();
                if (lane == 0) await outbox.SweepAsync(keep, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The outbox can't be read now: the next look may go better.
            catch (Exception failure)
            {
                log.LogWarning(failure, "The outbox could not be looked at; trying again");
            }
#pragma warning restore CA1031
            await Task.Delay(options.LookEvery, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
