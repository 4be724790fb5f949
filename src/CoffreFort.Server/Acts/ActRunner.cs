using CoffreFort.EventStore;

namespace CoffreFort.Server.Acts;

/// <summary>Runs an act against the journal: fetch, decide, append, and again when another act came first.</summary>
public sealed class ActRunner(Journal journal)
{
    /// <summary>Enough for the readers that meet at one consent at eight nodes, where each loses seven races of eight; each try begins with what the journal holds by then.</summary>
    private const int Tries = 100;

    private readonly StreamTurns _turns = new();

    /// <summary>
    /// Runs <paramref name="act"/> in a session and saves what it appended. A lost race runs it again on the new state, unless the
    /// client insists on a version: then it is a conflict.
    /// </summary>
    /// <param name="actor">Who acts. A repeated call with the same idempotency key runs nothing and gives the first outcome; another request under that key is refused.</param>
    /// <param name="act">Fetches, decides and appends; gives a refusal, or null when the session is to be saved.</param>
    /// <param name="cancellation">Ends the wait, not an append that has begun.</param>
    /// <param name="recall">
    /// With <see cref="Recall.Rely"/> it runs first on what this node remembers: what it then appends was decided on the truth, or is not written; a refusal may
    /// not have been, so the act runs again on what is fetched before anybody is told.
    /// </param>
    public async Task<Outcome> RunAsync(Actor actor, Func<JournalSession, Task<Refusal?>> act, CancellationToken cancellation, Recall recall = Recall.None)
    {
        for (var tried = 1; ; tried++)
        {
            var session = journal.OpenSession(actor.Metadata(), actor.IdempotencyKey, tried > 1 && recall == Recall.Rely ? Recall.Keep : recall);
            if (await session.FindEarlierAsync(cancellation) is { } earlier) return await RepeatedAsync(actor, earlier, cancellation);
            Refusal? refused;
            try
            {
                refused = await act(session);
            }
            catch (Exception failure) when (session.ReliesOnMemory && failure is not OperationCanceledException && !Web.Faults.IsOutage(failure))
            {
                // Perhaps only because it was long otherwise: keys that are gone, a piece that is.
                continue;
            }

            if (session.ReliesOnMemory && (refused is not null || !session.HasChanges)) continue;
            if (refused is { } refusal) return refusal;
            if (!session.HasChanges) return Outcome.Unchanged;
            try
            {
                var written = await session.SaveChangesAsync(cancellation);
                return written.Repeated ? await RepeatedAsync(actor, written, cancellation) : new Outcome(null, written);
            }
            catch (ConcurrencyException) when (session.ReliesOnMemory || actor.IfMatch is null && tried < Tries)
            {
            }
            catch (ConcurrencyException lost)
            {
                return Conflict(actor, lost);
            }
            catch (AppendTooLateException) when (tried < Tries)
            {
                // The instant passed between deciding and writing: decide again, and the rule will say what that means.
            }
        }
    }

    /// <summary>The same, after the acts of this node that already wait for this stream: for streams that many meet at.</summary>
    public async Task<Outcome> RunInTurnAsync(
        Guid stream, Actor actor, Func<JournalSession, Task<Refusal?>> act, CancellationToken cancellation, Recall recall = Recall.None)
    {
        using var turn = await _turns.TakeAsync(stream, cancellation);
        return await RunAsync(actor, act, cancellation, recall);
    }

    /// <summary>The usual act: one stream is fetched, decided on, and appended to.</summary>
    public Task<Outcome> RunAsync<T>(Actor actor, Guid stream, Func<T, DateTimeOffset, Decision> decide, CancellationToken cancellation)
        where T : class, IAggregate<T> =>
        RunInTurnAsync(stream, actor, async session =>
        {
            var fetched = await session.FetchForWriting<T>(stream, cancellation);
            return fetched.Exists ? session.Take(fetched, decide(fetched.State, session.Now), actor) : Refusal.NotFound;
        }, cancellation);

    /// <summary>The first outcome, to the first request; another request under its key was meant to be another act, and is told so.</summary>
    private async Task<Outcome> RepeatedAsync(Actor actor, AppendResult first, CancellationToken cancellation)
    {
        if (actor.Fingerprint is null) return new Outcome(null, first);
        await foreach (var stored in journal.ReadAllAsync(first.FirstPosition - 1, first.FirstPosition, cancellation))
            if (stored.Header(Actor.FingerprintHeader) is { } known && known != actor.Fingerprint) return KeyReused;
        return new Outcome(null, first);
    }

    /// <summary>The key was another request's.</summary>
    public static Refusal KeyReused { get; } = new(
        "idempotency-key-reused",
        "Cette clé d'idempotence a déjà servi pour une autre demande. Rien n'a été enregistré : donnez une nouvelle clé à chaque nouvelle demande.", 422);

    private static Refusal Conflict(Actor actor, ConcurrencyException lost) => actor.IfMatch is null
        ? new Refusal("conflict", "Quelqu'un d'autre agit au même moment sur cet élément. Rien n'a été enregistré : réessayez.")
        : Decisions.Changed(lost.ActualVersion);
}
