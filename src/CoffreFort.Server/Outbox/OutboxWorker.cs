namespace CoffreFort.Server.Outbox;

/// <summary>Sends what waits in the outbox. Every node runs one; a message is tried by one of them at a time.</summary>
public sealed class OutboxWorker(MessageOutbox outbox, IEnumerable<IMessageSender> senders, OutboxOptions options, ILogger<OutboxWorker> log) : BackgroundService
{
    /// <summary>So many are sent at once: a slow receiver holds up no others.</summary>
    private const int Lanes = 3;

    private static readonly TimeSpan keep = TimeSpan.FromDays(30);

    private readonly Dictionary<string, IMessageSender> _senders = senders.ToDictionary(sender => sender.Destination);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _senders.Count == 0 ? Task.CompletedTask : Task.WhenAll(Enumerable.Range(0, Lanes).Select(lane => RunAsync(lane, stoppingToken)));

    private async Task RunAsync(int lane, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                while (await outbox.TryNextAsync(_senders, options, stopping)) stopping.ThrowIfCancellationRequested();
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
