using System.Diagnostics;

namespace CoffreFort.EventStore;

/// <summary>One caller's append, ready to be written: everything but position, time and leaf hash is decided.</summary>
internal sealed record PendingAppend
{
    private readonly long _since = Stopwatch.GetTimestamp();

    public required IReadOnlyList<PendingStream> Streams
    {
        get;
        init
        {
            field = value;
            EventCount = value.Sum(stream => stream.Events.Count);
        }
    }

    /// <summary>Streams that must still stand at the version that was read, though nothing is written to them.</summary>
    public required IReadOnlyList<(Guid StreamId, long Version)> Guards { get; init; }

    public string? IdempotencyKey { get; init; }

    /// <summary>The append fails when the journal's clock has passed this instant.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>The journal's time when it was decided on: what is written must not be dated before it.</summary>
    public DateTimeOffset NotBefore { get; init; }

    /// <summary>What was remembered when it was decided on (<see cref="RememberedStates.Lineage"/>); null when everything was fetched.</summary>
    public int? Lineage { get; init; }

    public int EventCount { get; private init; }

    public TimeSpan Waited => Stopwatch.GetElapsedTime(_since);

    public TaskCompletionSource<AppendResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What its caller is told when what it was decided on is no longer to be relied on.</summary>
    public ConcurrencyException Outdated() => Guards.Count > 0
        ? new ConcurrencyException(Guards[0].StreamId, Guards[0].Version)
        : new ConcurrencyException(Streams[0].StreamId, Streams[0].ExpectedVersion ?? 0);

    /// <summary>A caller that stopped waiting leaves nobody to observe the failure: that is no fault of the process.</summary>
    public void Fail(Exception reason)
    {
        if (Completion.TrySetException(reason)) _ = Completion.Task.Exception;
    }
}

/// <param name="StreamId">The stream.</param>
/// <param name="StreamType">Its kind.</param>
/// <param name="ExpectedVersion">Its version before the append, 0 for a new stream, or null for any.</param>
/// <param name="Events">What to append, in order.</param>
internal sealed record PendingStream(Guid StreamId, string StreamType, long? ExpectedVersion, List<PendingEvent> Events);

/// <param name="Id">The event's id.</param>
/// <param name="Type">Stored type name.</param>
/// <param name="DotNetType">Class name, for people who read the table; not evidence.</param>
/// <param name="Data">UTF-8 JSON.</param>
/// <param name="Metadata">Headers and the columns that repeat them.</param>
internal sealed record PendingEvent(Guid Id, string Type, string DotNetType, byte[] Data, EventMetadata Metadata);
