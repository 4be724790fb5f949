using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>
/// Lets mutations that are due take effect before anything rests on them, whichever comes first: the clock's tick, or somebody who is about to
/// use a consent tied to the posting, or to decide by the holder's space (to give or approve a consent, to ask). Reads streams, never views. Safe for concurrent use, on any number of nodes.
/// </summary>
public sealed class DueMutations(Journal journal, ActRunner acts)
{
    /// <summary>Returns once no mutation of this vault is due: before its consents are listed, and before a page says how things stand.</summary>
    public async Task EnsureAsync(Guid vault, CancellationToken cancellation)
    {
        var state = await journal.AggregateStreamAsync<Vault>(vault, cancellation: cancellation);
        if (state?.AnnouncedMutation is not { } open) return;
        var mutation = await journal.AggregateStreamAsync<Mutation>(open, cancellation: cancellation);
        if (mutation?.IsDue(await journal.NowAsync(cancellation)) == true) await TakeAsync(vault, cancellation);
    }

    /// <summary>
    /// The same, and what this session saves is recorded before the next mutation's first instant and before any change to it, or not at all:
    /// no read of the old space slips in between. Call it in each try of an act, before the consent is fetched.
    /// </summary>
    public async Task EnsureAsync(JournalSession session, Guid vault, CancellationToken cancellation)
    {
        while (true)
        {
            var holder = await session.FetchForWriting<Vault>(vault, cancellation);
            var mutation = holder.State.AnnouncedMutation is { } open ? await session.FetchForWriting<Mutation>(open, cancellation) : null;
            if (mutation?.State.IsDue(session.Now) != true)
            {
                holder.Guard();
                mutation?.Guard();
                if (mutation is not null) session.NotAfter(mutation.State.LastInstantBefore);
                return;
            }

            await TakeAsync(vault, cancellation);
        }
    }

    /// <summary>One atomic append over all streams that it concerns, each at the version that was read; a lost race decides again.</summary>
    /// <returns>Whether this call recorded the effect; another node may have come first.</returns>
    internal async Task<bool> TakeAsync(Guid vault, CancellationToken cancellation)
    {
        var outcome = await acts.RunAsync(Actor.Clockwork($"mutation-of:{vault}"), async session =>
        {
            var holder = await session.FetchForWriting<Vault>(vault, cancellation);
            if (holder.State.AnnouncedMutation is not { } open) return null;
            var mutation = await session.FetchForWriting<Mutation>(open, cancellation);
            var tied = new Dictionary<Guid, EventStream<Consent>>();
            foreach (var consent in holder.State.PostingConsents) tied[consent] = await session.FetchForWriting<Consent>(consent, cancellation);
            var command = new TakeEffect(
                open, tied.ToDictionary(consent => consent.Key, consent => consent.Value.State), await session.ClosedAsync(mutation.State.HandedOver, cancellation),
                [.. (mutation.State.Handover ?? []).Select(_ => Guid.CreateVersion7())]);
            return session.Take(mutation, holder, TakeEffect.Decide(holder.State, mutation.State, command, session.Now), tied);
        }, cancellation);
        return outcome.Refusal is null
            ? outcome.Written is not null
            : throw new JournalUnavailableException($"The mutation of vault {vault} is due and could not take effect now: {outcome.Refusal.Code}.");
    }
}

internal static class MutationEffects
{
    /// <summary>Those that are erased or about to be; what the session saves rests on it.</summary>
    public static async Task<IReadOnlySet<Guid>> ClosedAsync(this JournalSession session, IEnumerable<Guid> documents, CancellationToken cancellation)
    {
        var closed = new HashSet<Guid>();
        foreach (var document in documents)
            if ((await session.FetchGuarded<Document>(document, cancellation)).State.Erasure.IsClosed) closed.Add(document);
        return closed;
    }

    /// <summary>Puts an effect into the session: all of it is saved, or none. Gives its refusal, if it is one.</summary>
    public static Refusal? Take(
        this JournalSession session, EventStream<Mutation> mutation, EventStream<Vault> vault, MutationEffect effect,
        Dictionary<Guid, EventStream<Consent>> tied)
    {
        mutation.Append([.. effect.Mutation]);
        vault.Append([.. effect.Vault]);
        foreach (var (consent, revoked) in effect.Ended) tied[consent].Append(revoked);
        foreach (var (consent, granted) in effect.Granted) session.StartStream<Consent>(consent, granted);
        return effect.Refusal;
    }
}
