using Npgsql;

namespace CoffreFort.Server.Checkpoints;

/// <summary>
/// Says something now and then on a connection that holds a turn, so that PostgreSQL keeps the session while this node lives, and ends it when the node is frozen or
/// gone. Nobody else may use the connection until this is disposed of.
/// </summary>
internal sealed class SignOfLife : IAsyncDisposable
{
    /// <summary>So long PostgreSQL waits for one.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    /// <summary>So often it speaks.</summary>
    public static readonly TimeSpan SpeaksEvery = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _done = new();
    private readonly Task _saying;

    /// <param name="connection">Holds the turn.</param>
    /// <param name="every">How often.</param>
    /// <param name="cancellation">Ends the work.</param>
    public SignOfLife(NpgsqlConnection connection, TimeSpan every, CancellationToken cancellation)
    {
        _lost = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        TurnLost = _lost.Token;
        _saying = SayAsync(connection, every);
    }

    /// <summary>Ends the work: because it was told to end, or because the turn is gone.</summary>
    public CancellationToken TurnLost { get; }

    /// <summary>How the turn was lost; null while it is held.</summary>
    public NpgsqlException? Loss { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _saying;
        _lost.Dispose();
        _done.Dispose();
    }

    private async Task SayAsync(NpgsqlConnection connection, TimeSpan every)
    {
        while (!_done.IsCancellationRequested)
        {
            await Task.Delay(every, _done.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_done.IsCancellationRequested) return;
            try
            {
                await using var word = new NpgsqlCommand("select 1", connection);
                await word.ExecuteNonQueryAsync(CancellationToken.None);
            }
            catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException)
            {
                Loss = failure as NpgsqlException ?? new NpgsqlException("The connection that held the turn is closed.", failure);
                await _lost.CancelAsync();
                return;
            }
        }
    }
}
