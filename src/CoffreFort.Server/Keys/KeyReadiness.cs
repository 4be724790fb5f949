using CoffreFort.Server.Hosting;
using Npgsql;

namespace CoffreFort.Server.Keys;

/// <summary>Whether months end in time. No part of it keeps a node from being ready: what is open can still be read.</summary>
public sealed class KeyReadiness(KeyDatabase database, EpochKeys epochs, KeyClock clock) : IReadinessPart
{
    public const string Late = "epoch-end-late";

    /// <summary>Time enough for an operator to mend what keeps an epoch from ending before it is final later than was promised.</summary>
    private static readonly TimeSpan ToldAfter = TimeSpan.FromDays(2);

    public string Name => "keys";

    public async Task<ReadinessReport> LookAsync(CancellationToken cancellation)
    {
        try
        {
            var status = await KeyStatus.ReadAsync(database, cancellation);
            var late = status.Late(epochs.Now, ToldAfter).ToList();
            return new ReadinessReport(
                new { epochs = status.Live.Count, ended = status.Ended.Count, late },
                [.. late.Select(epoch => new ReadinessProblem(
                    Late, $"{epoch}", $"Epoch {epoch} of keys has not ended for good{(clock.Problem is { } why ? $": {why}" : ".")}", EpochEnd.EndOf(epoch), Blocks: false))]);
        }
        catch (NpgsqlException unreachable)
        {
            return new ReadinessReport(new { fault = unreachable.Message }, []);
        }
    }
}
