using CoffreFort.Server.Acts;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Hosting;
using Npgsql;

namespace CoffreFort.Server.Keys;

/// <summary>Ends epochs when their month is over, and makes the next month's root key ahead of time: on one node at a time, on another one when that one dies.</summary>
public sealed class KeyClock(EpochRotation rotation, NpgsqlDataSource journal, IConfiguration configuration, TimeProvider clock, ILogger<KeyClock> log) : BackgroundService
{
    private readonly TimeSpan _after = configuration.Duration("Keys:LookAfter", TimeSpan.FromMinutes(1), none: true);
    private readonly TimeSpan _every = configuration.Duration("Keys:LookEvery", TimeSpan.FromHours(1));
    private readonly OneNode _turn = new(journal, "keys");

    /// <summary>Why this node couldn't do it the last time it tried; null when it could.</summary>
    public string? Problem { get; private set; }

    /// <summary>Does it now.</summary>
    /// <returns>The epochs that were ended; null when another node is at it.</returns>
    public async Task<IReadOnlyList<int>?> RunAsync(Actor actor, IProgress<RotationProgress>? progress, CancellationToken cancellation)
    {
        IReadOnlyList<int>? ended = null;
        await rotation.RequireRightClockAsync(cancellation);
        await _turn.TryWhileAliveAsync(async turnLost => ended = await rotation.RunAsync(actor, progress, turnLost), cancellation);
        return ended;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var pause = _after; ; pause = _every)
        {
            await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested) return;
            try
            {
                foreach (var epoch in await RunAsync(Actor.Clockwork("keys"), null, stoppingToken) ?? []) log.LogInformation("Epoch {Epoch} of keys has ended", epoch);
                Problem = null;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it was, nothing was destroyed that is needed, and the next look goes on.
            catch (Exception failure)
            {
                Problem = Operations.Words.Of(failure);
                log.LogWarning(failure, "Epochs of keys could not be ended; trying again");
            }
#pragma warning restore CA1031
        }
    }
}
