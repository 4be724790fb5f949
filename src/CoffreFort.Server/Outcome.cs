using CoffreFort.EventStore;

namespace CoffreFort.Server;

/// <summary>What became of a command: refused, written, or already so (nothing had to be written).</summary>
public sealed record Outcome(Refusal? Refusal, AppendResult? Written)
{
    public static Outcome Unchanged { get; } = new(null, null);

    /// <summary>The stream of the first event written: what a creating command made, also when the call was a repeated one.</summary>
    public Guid Stream => Written is { Events: [var first, ..] } ? first.StreamId : throw new InvalidOperationException("Nothing was written.");

    public static implicit operator Outcome(Refusal refusal) => new(refusal, null);
}
