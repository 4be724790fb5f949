using CoffreFort.EventStore;
using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.Server.Checkpoints;

/// <summary>The tree as it was last published: everything that is signed next grows out of it.</summary>
/// <param name="Number">Of the published checkpoint; 0 when there is none.</param>
/// <param name="Origin">The log.</param>
/// <param name="Frontier">The tree's right edge, whose root is the published one. Not to be changed: clone it.</param>
internal sealed record SignedTree(long Number, string Origin, Frontier Frontier)
{
    /// <summary>Reads the published tree, and refuses one that is not signed by us or that the stored leaves don't lead to.</summary>
    /// <exception cref="CheckpointRefusedException">One of these.</exception>
    public static async Task<SignedTree> LoadAsync(StoredCheckpoint? last, LogSettings settings, LogKeys keys, NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (last is null) return new SignedTree(0, settings.Origin, Frontier.Empty);
        if (keys.Fault(last.Note, out var checkpoint) is { } fault)
            throw new CheckpointRefusedException(null, $"The last checkpoint in the journal's database is not one of ours: {fault}");
        if (!settings.Owns(checkpoint!.Origin))
            throw new CheckpointRefusedException(null, $"The journal's log is {checkpoint.Origin}, but Log:Origin says {settings.Origin}. A log keeps its origin: set it back.");
        var frontier = await JournalTiles.ResumeAsync(connection, checkpoint.Size, cancellation);
        return frontier.Root().AsSpan().SequenceEqual(checkpoint.Root.Span)
            ? new SignedTree(last.Number, checkpoint.Origin, frontier)
            : throw new CheckpointRefusedException(null, $"The first {checkpoint.Size} events are not those that the last checkpoint was signed over.");
    }
}
