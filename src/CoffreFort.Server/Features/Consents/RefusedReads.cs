using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Keys;

namespace CoffreFort.Server.Features.Consents;

/// <summary>Lets the holder see who tried to read and was refused, and why in truth, whatever the person was told.</summary>
/// <remarks>
/// Bounded, so that nobody can make the journal grow by being refused: of one person's attempts under one consent at most
/// <see cref="PerMinute"/> a minute and <see cref="PerDay"/> a day are recorded, on all nodes together. The answer is the same either way.
/// </remarks>
public sealed class RefusedReads(Journal journal, ActRunner acts, RequestKeys keys, AgencyFinder agencies)
{
    public const int PerMinute = 10;
    public const int PerDay = 100;

    /// <param name="earlier">When this person's earlier attempts under the consent were recorded.</param>
    /// <param name="attempt">This one.</param>
    /// <param name="now">The journal's time.</param>
    public static Decision Decide(IReadOnlyList<DateTimeOffset> earlier, EvidenceReadRefused attempt, DateTimeOffset now) =>
        IsFull(earlier, now) ? Decision.Nothing : Decision.Of(attempt);

    public async Task NoteAsync(
        Guid id, ConsentGranted granted, Denial denial, ReadEvidence attempt, string? reason, Actor actor, CancellationToken cancellation)
    {
        // What will not be recorded waits for nobody's turn.
        var sofar = await journal.FetchStreamAsync(id, cancellation: cancellation);
        if (IsFull(Earlier(sofar, attempt.Clerk), await journal.NowAsync(cancellation))) return;
        var agency = denial == Denial.NotGrantee ? (await agencies.OfClerkAsync(attempt.Clerk, cancellation))?.Agency : granted.Grantee;
        var recorder = actor with { Agency = agency, IdempotencyKey = null, IfMatch = null };
        var piece = attempt.Document == Guid.Empty ? (Guid?)null : attempt.Document;
        await acts.RunInTurnAsync(id, recorder, async session =>
        {
            var (earlier, consent) = await FetchAsync(session, id, attempt.Clerk, cancellation);
            // Of an erased vault nothing can be said in words any more.
            var words = await keys.IsErasedAsync(granted.Vault, cancellation) ? null : await keys.SealAsync(granted.Vault, reason, cancellation);
            var decision = Decide(earlier, new EvidenceReadRefused(piece, agency, attempt.Clerk, denial.Code, words), session.Now);
            return session.Take(consent, decision, recorder);
        }, cancellation);
    }

    /// <summary>The attempts and the stream at one and the same version, so that the bound holds under any race.</summary>
    private async Task<(IReadOnlyList<DateTimeOffset> Earlier, EventStream<Consent> Stream)> FetchAsync(
        JournalSession session, Guid id, Guid clerk, CancellationToken cancellation)
    {
        while (true)
        {
            var events = await journal.FetchStreamAsync(id, cancellation: cancellation);
            var stream = await session.FetchForWriting<Consent>(id, cancellation);
            if (events.Count != stream.Version) continue;
            return (Earlier(events, clerk), stream);
        }
    }

    private static IReadOnlyList<DateTimeOffset> Earlier(IReadOnlyList<StoredEvent> events, Guid clerk) =>
        [.. events.Where(stored => stored.Body is EvidenceReadRefused e && e.Clerk == clerk).Select(stored => stored.Timestamp)];

    private static bool IsFull(IReadOnlyList<DateTimeOffset> earlier, DateTimeOffset now) =>
        earlier.Count(at => at > now.AddMinutes(-1)) >= PerMinute || earlier.Count(at => at > now.AddDays(-1)) >= PerDay;
}
