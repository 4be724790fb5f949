using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.AccessRequests;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>Ends what rested on something erased: consents that reach nothing any more, requests that nobody will answer, a posting that moves nothing.</summary>
/// <remarks>
/// Nothing depends on its being quick: from the erasure's event on no read is recorded. The views name what there is; after that event nothing new can come to it.
/// </remarks>
public sealed class ErasedRests(Journal journal, ActRunner acts, Subscriptions subscriptions, ViewDatabase views)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>All streams of a vault.</summary>
    public async Task<VaultRests> OfVaultAsync(Guid vault, CancellationToken cancellation)
    {
        await ReachAsync("vault_streams", cancellation);
        var streams = await views.QueryAsync(
            $"select stream, kind from coffrefort_views.vault_streams where vault = {vault} order by stream", row => (Id: row.GetGuid(0), Kind: row.GetString(1)), cancellation);
        return new VaultRests(Of(Document.StreamType), Of(Consent.StreamType), Of(AccessRequest.StreamType), Of(Mutation.StreamType));

        IReadOnlyList<Guid> Of(string kind) => [.. streams.Where(stream => stream.Kind == kind).Select(stream => stream.Id)];
    }

    public async Task EndAsync(VaultRests rests, Guid holder, CancellationToken cancellation)
    {
        var actor = Actor.Clockwork("erasure");
        foreach (var consent in rests.Consents) await acts.RunAsync<Consent>(actor, consent, End, cancellation);
        foreach (var request in rests.Requests) await acts.RunAsync<AccessRequest>(actor, request, (state, now) => Refuse(state, holder, now), cancellation);
        foreach (var mutation in rests.Mutations) await acts.RunAsync<Mutation>(actor, mutation, Cancel, cancellation);
    }

    /// <summary>Ends the consents that name this document and nothing that is still there. One for evidence types goes on: it reaches others.</summary>
    public async Task EndConsentsAsync(Guid document, CancellationToken cancellation)
    {
        await ReachAsync(ErasureList.View, cancellation);
        var consents = await views.QueryAsync($"select consent from coffrefort_views.erasure_pieces where document = {document}", row => row.GetGuid(0), cancellation);
        foreach (var id in consents)
        {
            if (await journal.AggregateStreamAsync<Consent>(id, cancellation: cancellation) is not { Granted: { IsStanding: false } granted, Revoked: null }) continue;
            if (!await AllErasedAsync(granted, cancellation)) continue;
            await acts.RunAsync<Consent>(Actor.Clockwork("erasure"), id, End, cancellation);
        }
    }

    private async Task<bool> AllErasedAsync(ConsentGranted granted, CancellationToken cancellation)
    {
        foreach (var piece in granted.Pieces)
            if (await journal.AggregateStreamAsync<Document>(piece.Document, cancellation: cancellation) is { Erasure.Erased: false }) return false;
        return true;
    }

    private static Decision End(Consent consent, DateTimeOffset now) => consent.StateAt(now) is "active" or "upcoming"
        ? Decision.Of(new ConsentRevoked(Actor.System, RevocationCauses.Erasure, null))
        : Decision.Nothing;

    /// <summary>The agency reads a plain no: that a vault was erased is nobody else's business.</summary>
    private static Decision Refuse(AccessRequest request, Guid holder, DateTimeOffset now) => request.StateAt(now) == AccessRequestState.Pending
        ? Decision.Of(new AccessRefused(holder, null))
        : Decision.Nothing;

    private static Decision Cancel(Mutation mutation, DateTimeOffset now) => mutation.State is MutationState.Announced or MutationState.Accepted
        ? Decision.Of(new MutationCancelled(Actor.System, null))
        : Decision.Nothing;

    private async Task ReachAsync(string view, CancellationToken cancellation)
    {
        var head = await journal.HeadAsync(cancellation);
        if (!await subscriptions.WaitForAsync(view, head.Size, Patience, cancellation))
            throw new JournalUnavailableException($"The view '{view}' has not reached position {head.Size} in time: what rests on an erased thing is not known yet.");
    }
}

/// <summary>What belongs to one vault, as stream ids.</summary>
public sealed record VaultRests(IReadOnlyList<Guid> Documents, IReadOnlyList<Guid> Consents, IReadOnlyList<Guid> Requests, IReadOnlyList<Guid> Mutations);
