using System.Text;
using CoffreFort.EventStore;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Transparency;

namespace CoffreFort.Server.Checkpoints;

/// <summary>
/// The log that an operator began by accepting a restored journal, while it has published nothing yet: a witness that it needs may have to be told its key
/// first, and everything but publishing goes on meanwhile.
/// </summary>
/// <remarks>Safe for concurrent use, but for <see cref="Recomputed"/>.</remarks>
public sealed class BegunLog(Journal journal, JournalCheckpoints checkpoints, LogKeys keys)
{
    /// <summary>The whole journal's tree as this process last recomputed it, so that trying again does not begin at the first event. For whoever has the turn.</summary>
    internal SignedTree? Recomputed { get; set; }

    /// <summary>The recorded act that began it; null when no log waits for its first checkpoint.</summary>
    public async Task<RestoredJournalAccepted?> FindAsync(CancellationToken cancellation)
    {
        // Most journals never were restored, and need no fold.
        var notes = await checkpoints.OriginNotesAsync(cancellation);
        if (notes.Count == 0) return null;
        var current = (await checkpoints.LastAsync(cancellation))?.Origin;
        if (notes[^1].Split('\n') is [_, var newest, ..] && newest == current) return null;
        var accepted = (await journal.AggregateStreamAsync<OperatorActs>(OperatorActs.Stream, cancellation: cancellation))?.Accepted;
        if (accepted?.ContinuedAs is not { } origin || current == origin) return null;
        return notes.Any(note => IsSigned(note, accepted, origin)) ? accepted : null;
    }

    /// <summary>Whoever holds the database alone could write the event and the row, but not sign.</summary>
    private bool IsSigned(string note, RestoredJournalAccepted accepted, string origin) =>
        SignedNote.TryParse(Encoding.UTF8.GetBytes(note), out var read, out _) && read.Text == ContinuationNote.Text(accepted)
        && keys.Holds(origin) && EcdsaNote.Verify(read, keys.VerifierKey(origin));
}
