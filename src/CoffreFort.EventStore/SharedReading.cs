using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>
/// New events for the subscriptions of one node: all of them follow the same journal, so what one has just read serves the others too, read and decoded once.
/// Safe for concurrent use.
/// </summary>
/// <remarks>Events never change, so what is kept is never wrong; it is kept for a moment only, and what somebody must see as it stands now is read anew.</remarks>
internal sealed class SharedReading(EventRegistry registry)
{
    private static readonly TimeSpan keepFor = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan patience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Reading? _latest;

    /// <summary>The next events after a position, at most so many; none only if the journal had none when this was called.</summary>
    /// <param name="connection">The subscription's own: read from when nobody else has read on, or reads.</param>
    /// <param name="after">The position of the last event that is known.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="anew">Not what others have read: it failed somewhere, and may have been mended since.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<IReadOnlyList<StoredEvent>> ReadAsync(NpgsqlConnection connection, long after, int most, bool anew, CancellationToken cancellation)
    {
        if (!anew && await OthersAsync(after, most, cancellation) is { Count: > 0 } read) return read;
        var own = new Reading(after, checked(after + most), Environment.TickCount64, new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_lock) _latest = own;
        IReadOnlyList<StoredEvent> events = [];
        try
        {
            return events = await EventReader.ReadRangeAsync(connection, registry, after, checked(after + most), cancellation);
        }
        finally
        {
            // Whatever happened here is no matter of those who waited: they find nothing, and read for themselves.
            own.Events.TrySetResult(events);
        }
    }

    private async Task<IReadOnlyList<StoredEvent>> OthersAsync(long after, int most, CancellationToken cancellation)
    {
        Reading? latest;
        lock (_lock) latest = _latest;
        if (latest is null || latest.After > after || latest.Until <= after || Environment.TickCount64 - latest.Since > keepFor.TotalMilliseconds) return [];
        var events = await PatientlyAsync(latest.Events.Task, cancellation);
        // Positions have no holes: where an event stands follows from its position.
        return [.. events.Skip(checked((int)Math.Min(after - latest.After, events.Count))).Take(most)];
    }

    /// <summary>Whose connection hangs holds up nobody but itself.</summary>
    private static async Task<IReadOnlyList<StoredEvent>> PatientlyAsync(Task<IReadOnlyList<StoredEvent>> others, CancellationToken cancellation)
    {
        try
        {
            return await others.WaitAsync(patience, cancellation);
        }
        catch (TimeoutException)
        {
            return [];
        }
    }

    private sealed record Reading(long After, long Until, long Since, TaskCompletionSource<IReadOnlyList<StoredEvent>> Events);
}
