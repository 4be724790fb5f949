using Npgsql;

namespace CoffreFort.Server.Acts;

/// <summary>What a clock looks at again and again, whatever becomes of each look. Not safe for concurrent use: a clock has its own.</summary>
/// <param name="every">How long between two looks.</param>
/// <param name="what">What can't be looked at, for the log.</param>
/// <param name="log">Told when a look failed.</param>
public sealed class Ticks(TimeSpan every, string what, ILogger log)
{
    /// <summary>Looks at once, and then at every tick; returns once stopped.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> look, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(every);
        try
        {
            do await TryAsync(look, stopping);
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> look, CancellationToken stopping)
    {
        try
        {
            await look(stopping);
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // On a journal's very first start the view is made a moment later.
        }
#pragma warning disable CA1031 // Whatever it was, the next tick tries again; it must not end the application.
        catch (Exception failure) when (failure is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            log.LogWarning(failure, "{What} could not be looked at; trying again", what);
        }
#pragma warning restore CA1031
    }
}
