using System.Diagnostics;
using CoffreFort.EventStore;
using CoffreFort.Server.Edges.Witness;
using Npgsql;

namespace CoffreFort.Server.Checkpoints;

/// <summary>Publishes checkpoints while there is something new to sign. Every node runs one; one at a time has the turn, and another takes over when it dies.</summary>
/// <remarks>
/// What does not recompute is never signed: it stops, says so in <see cref="State"/>, and looks again now and then, since putting the bytes back
/// is a remedy. Writing events goes on meanwhile; readiness fails.
/// </remarks>
public sealed class Checkpointer : BackgroundService
{
    internal const string Turn = "checkpoints";

    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(30);

    private readonly OneNode _turn;
    private readonly Func<Publication> _publications;
    private readonly JournalCheckpoints _checkpoints;
    private readonly LogSettings _settings;
    private readonly ILogger<Checkpointer> _log;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private long _lastWhenStopped;
    private volatile CheckpointState _state = CheckpointState.Idle;

    public Checkpointer(NpgsqlDataSource database, JournalCheckpoints checkpoints, IServiceProvider services, LogSettings settings, ILogger<Checkpointer> log)
    {
        (_checkpoints, _settings, _log) = (checkpoints, settings, log);
        _turn = new OneNode(database, Turn);
        _publications = () => ActivatorUtilities.CreateInstance<Publication>(services);
    }

    public CheckpointState State => _state;

    /// <summary>Asks this node to publish now rather than at its next tick, and waits until some node has published a checkpoint over a position.</summary>
    /// <exception cref="TimeoutException">None has in that time; the message says what this node knows of the reason.</exception>
    public async Task<StoredCheckpoint> CoverAsync(long position, TimeSpan atMost, CancellationToken cancellation = default)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < atMost; await Task.Delay(20, cancellation))
        {
            Wake();
            if (await _checkpoints.CoveringAsync(position, cancellation) is { } covering) return covering;
        }

        throw new TimeoutException($"No checkpoint covers event {position}: {_state}");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = RetryAfter;
            try
            {
                await _turn.TryAsync(connection => FollowAsync(connection, stoppingToken), stoppingToken);
                // Another node has the turn. What stopped this one is over once that node publishes; else it finds the same.
                if (_state.StoppedBy is null || await IsPublishedSinceAsync(stoppingToken)) _state = CheckpointState.Idle;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception refusal) when (IsRefusal(refusal))
            {
                Stop(refusal);
                pause = LookAgainAfter;
            }
#pragma warning disable CA1031 // Whatever is out of reach, it is shown and tried again; it never ends the application.
            catch (Exception failure)
            {
                if (failure is not WitnessMissingException) _log.LogWarning(failure, "No checkpoint could be published; trying again");
                else if (_state.DelayedBy != failure.Message) _log.LogWarning("No checkpoint is published. {Problem}", failure.Message);
                _state = _state with { RunsHere = false, DelayedBy = failure.Message };
            }
#pragma warning restore CA1031

            await ((Task)_wake.WaitAsync(pause, stoppingToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _wake.Dispose();
    }

    private async Task<bool> IsPublishedSinceAsync(CancellationToken cancellation) => await LastNumberAsync(cancellation) > _lastWhenStopped;

    private async Task<long> LastNumberAsync(CancellationToken cancellation) => (await _checkpoints.LastAsync(cancellation))?.Number ?? 0;

    private async Task FollowAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        var publication = _publications();
        var since = Stopwatch.StartNew();
        for (var due = true; ; due = await DueAsync(connection, since, stopping))
        {
            if (!due) continue;
            since.Restart();
            await PublishAsync(publication, connection, stopping);
            _state = new CheckpointState(true, null, null, null, Say(publication.Missing));
        }
    }

    private async Task PublishAsync(Publication publication, NpgsqlConnection connection, CancellationToken stopping)
    {
        try
        {
            await publication.PublishAsync(connection, stopping);
        }
        catch (Exception refusal) when (IsRefusal(refusal))
        {
            // Before the turn goes on: whatever is published after this disproves the refusal.
            try
            {
                _lastWhenStopped = await LastNumberAsync(stopping);
            }
            catch (Exception failure) when (failure is NpgsqlException or JournalUnavailableException)
            {
                // The refusal is the news. Without the number nothing that others publish disproves it; this node's own next look does.
                _lastWhenStopped = long.MaxValue;
            }

            throw;
        }
    }

    private static bool IsRefusal(Exception failure) => failure is CheckpointRefusedException or JournalDamagedException;

    /// <summary>Waits for the next time. Says something on the connection at each tick, so that the turn stays here only while this node lives.</summary>
    private async Task<bool> DueAsync(NpgsqlConnection connection, Stopwatch since, CancellationToken stopping)
    {
        var asked = await _wake.WaitAsync(_settings.Every < LongestTick ? _settings.Every : LongestTick, stopping);
        if (asked || since.Elapsed >= _settings.Every) return true;
        await using var alive = new NpgsqlCommand("select 1", connection);
        await alive.ExecuteNonQueryAsync(stopping);
        return false;
    }

    private void Stop(Exception refusal)
    {
        var position = (refusal as CheckpointRefusedException)?.Position ?? (refusal as JournalDamagedException)?.Position;
        if (_state.StoppedBy != refusal.Message)
            _log.LogCritical(refusal, "No checkpoint is signed any more: the journal is not what was appended or published");
        _state = new CheckpointState(false, refusal.Message, position, null, null);
    }

    private void Wake()
    {
        lock (_wake)
        {
            if (_wake.CurrentCount == 0) _wake.Release();
        }
    }

    private static string? Say(IReadOnlyList<MissingCosignature> missing) =>
        missing.Count == 0 ? null : Publication.Say(missing);
}
