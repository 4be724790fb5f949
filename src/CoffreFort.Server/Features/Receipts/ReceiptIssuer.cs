using CoffreFort.Cryptography;
using CoffreFort.Cryptography.Cms;
using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Sealing;

namespace CoffreFort.Server.Features.Receipts;

/// <summary>
/// Issues the sealed receipt of an event (docs/spec/receipt.md). It is signed and timestamped once, kept in the journal, and given out again byte for byte: what the seal
/// has signed stands in the log, and no timestamp is spent twice. Safe for concurrent use.
/// </summary>
public sealed class ReceiptIssuer(Journal journal, ActRunner acts, ServerSeal seals, SealTimestamps timestamps, TimeProvider clock)
{
    /// <summary>The receipt, made now if there is none; a timestamp that was not to be had before is asked for again.</summary>
    /// <param name="recorded">The event.</param>
    /// <param name="vault">Whose vault it concerns.</param>
    /// <param name="statement">What is stated; the first one stays, whatever is asked later.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="SealUnusableException">There is none yet, and nothing can be sealed now.</exception>
    public async Task<IssuedReceipt> IssueAsync(StoredEvent recorded, Guid vault, Statement statement, Actor actor, CancellationToken cancellation)
    {
        var stream = IssuedReceipt.StreamOf(recorded.Id);
        var known = await FindAsync(recorded.Id, cancellation);
        if (IsComplete(known)) return known!;
        // In turn: nobody here has a second one signed and timestamped beside the first.
        await acts.RunInTurnAsync(stream, actor with { IdempotencyKey = null, IfMatch = null, Fingerprint = null }, async session =>
        {
            var receipt = await session.FetchForWriting<IssuedReceipt>(stream, cancellation);
            if (IsComplete(receipt.State)) return null;
            var made = receipt.State.Content is { } kept ? Convert.FromBase64String(kept) : await SignAsync(statement.On(recorded), cancellation);
            var timestamp = await timestamps.TryAsync(made, cancellation);
            return session.Take(receipt, Decide(receipt.State, recorded.Id, vault, made, timestamp), actor with { IfMatch = null });
        }, cancellation);
        return (await FindAsync(recorded.Id, cancellation))!;
    }

    /// <summary>The receipt of an event as it is kept, or null.</summary>
    public Task<IssuedReceipt?> FindAsync(Guid @event, CancellationToken cancellation) =>
        journal.AggregateStreamAsync<IssuedReceipt>(IssuedReceipt.StreamOf(@event), cancellation: cancellation);

    public static Decision Decide(IssuedReceipt state, Guid @event, Guid vault, ReadOnlyMemory<byte> made, Timestamp? timestamp)
    {
        var events = new List<IEvent>();
        if (state.Content is null) events.Add(new ReceiptIssued(@event, vault, Convert.ToBase64String(made.Span)));
        if (state.Token is null && timestamp is not null) events.Add(new ReceiptTimestamped(Convert.ToBase64String(timestamp.Token.Span)));
        return Decision.Of(events);
    }

    private bool IsComplete(IssuedReceipt? receipt) => receipt?.Content is not null && (receipt.Token is not null || !timestamps.IsConfigured);

    private async Task<byte[]> SignAsync(Receipt receipt, CancellationToken cancellation)
    {
        var seal = await seals.ToUseAsync(cancellation);
        return SealedReceipt.Make(receipt, seal.Seal, clock.GetUtcNow());
    }
}
