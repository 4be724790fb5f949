using CoffreFort.EventStore;
using CoffreFort.Server.Acts;

namespace CoffreFort.Server.Features.Documents;

/// <summary>Writes into a document's history that its content turned out damaged when somebody wanted to read it.</summary>
/// <remarks>
/// Bounded like refused reads, so that nobody makes the journal grow by trying again: one finding about one version at most once a day, on all nodes together.
/// </remarks>
public sealed class IntegrityIncidents(Journal journal, ActRunner acts)
{
    /// <param name="last">When the same was found of the same version last, or null.</param>
    /// <param name="found">What is found now.</param>
    /// <param name="now">The journal's time.</param>
    public static Decision Decide(DateTimeOffset? last, IntegrityFailed found, DateTimeOffset now) =>
        last > now.AddDays(-1) ? Decision.Nothing : Decision.Of(found);

    /// <summary>Not for the reader to wait for or to cancel: whether they stay or not, it was found.</summary>
    public Task NoteAsync(Guid document, IntegrityFailed found)
    {
        var actor = Actor.Clockwork("integrity");
        return acts.RunInTurnAsync(document, actor, async session =>
        {
            while (true)
            {
                var events = await journal.FetchStreamAsync(document);
                var stream = await session.FetchForWriting<Document>(document);
                // What was found before and the stream at one and the same version, so that the bound holds under any race.
                if (events.Count != stream.Version) continue;
                var last = events.LastOrDefault(stored => stored.Body.Equals(found))?.Timestamp;
                // A reader whose bytes were erased under their hands saw no damage.
                return session.Take(stream, stream.State.Erasure.Erased ? Decision.Nothing : Decide(last, found, session.Now), actor);
            }
        }, CancellationToken.None);
    }
}
