namespace CoffreFort.Server.Acts;

/// <summary>
/// Lets this node's acts on one stream go one after the other, so that 64 readers of one consent don't lose 64 races each. Nothing rests on it but
/// speed: other nodes have turns of their own, and the journal's versions decide between them. Safe for concurrent use.
/// </summary>
internal sealed class StreamTurns
{
    private readonly Dictionary<Guid, Turn> _turns = [];

    /// <summary>Waits for the stream's turn; disposing gives it to the next who waits.</summary>
    public async Task<IDisposable> TakeAsync(Guid stream, CancellationToken cancellation)
    {
        Turn turn;
        lock (_turns)
        {
            if (!_turns.TryGetValue(stream, out turn!)) _turns.Add(stream, turn = new Turn());
            turn.Users++;
        }

        try
        {
            await turn.Gate.WaitAsync(cancellation);
        }
        catch
        {
            Leave(stream, turn);
            throw;
        }

        return new Held(this, stream, turn);
    }

    private void Leave(Guid stream, Turn turn)
    {
        lock (_turns)
        {
            if (--turn.Users > 0) return;
            _turns.Remove(stream);
        }

        turn.Gate.Dispose();
    }

    private sealed class Turn
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public int Users { get; set; }
    }

    private sealed class Held(StreamTurns turns, Guid stream, Turn turn) : IDisposable
    {
        public void Dispose()
        {
            turn.Gate.Release();
            turns.Leave(stream, turn);
        }
    }
}
