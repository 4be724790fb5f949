namespace CoffreFort.EventStore;

/// <summary>An append lost a race: a stream that it expected at one version stands at another. Nothing of it was written.</summary>
public sealed class ConcurrencyException : Exception
{
    internal ConcurrencyException(Guid streamId, long expected, long actual)
        : base($"Stream {streamId} was expected at version {expected} and stands at {actual}.")
    {
        StreamId = streamId;
        ExpectedVersion = expected;
        ActualVersion = actual;
    }

    internal ConcurrencyException(Guid streamId, long remembered)
        : base($"Stream {streamId} was remembered at version {remembered}, over another connection to the journal or before its clock was set back: that counts no more.")
    {
        StreamId = streamId;
        ExpectedVersion = ActualVersion = remembered;
    }

    /// <summary>The stream that moved on.</summary>
    public Guid StreamId { get; }

    /// <summary>The version that the append expected; 0 for a stream that should not exist yet.</summary>
    public long ExpectedVersion { get; }

    /// <summary>The version at which the stream stood under the head's lock.</summary>
    public long ActualVersion { get; }
}
