using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Catalogues;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.Audits;

/// <summary>Replays one vault for an auditor: its state as of an instant, and what happened in it. Each question is recorded before it is answered.</summary>
public sealed class VaultPast(Journal journal, ActRunner acts, Subscriptions subscriptions, ViewDatabase views)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="at">Null for now: the instant of the question itself.</param>
    public async Task<(PastStateView? State, Outcome Outcome)> StateAsync(Guid audit, Guid vault, DateTimeOffset? at, Actor actor, CancellationToken cancellation)
    {
        var query = new QueryAudit(Questions.State, vault, actor.Person, at);
        var outcome = await QueryAudit.Handle(audit, query, actor, acts, cancellation);
        if (outcome.Written is not { } asked) return (null, outcome);
        var instant = at ?? asked.Timestamp;
        var position = at is null ? asked.LastPosition : await journal.PositionAtAsync(instant, cancellation);
        return (PastState.Of(await FetchAsync(vault, instant, position, cancellation), instant, position), outcome);
    }

    /// <summary>The events after a position, one more than wanted if there are more.</summary>
    public async Task<(IReadOnlyList<TimelineLine>? Lines, Outcome Outcome)> TimelineAsync(
        Guid audit, Guid vault, long after, int limit, Actor actor, CancellationToken cancellation)
    {
        var outcome = await QueryAudit.Handle(audit, new QueryAudit(Questions.Timeline, vault, actor.Person, null), actor, acts, cancellation);
        if (outcome.Written is not { } asked) return (null, outcome);
        await ReachAsync(asked.LastPosition, cancellation);
        return (await views.QueryAsync(
            $"""
            select e.seq_id, e.timestamp, e.type, s.kind, e.stream_id, e.version, e.headers ->> 'actor', e.headers ->> 'agency', e.id
            from coffrefort_views.vault_streams s join coffrefort.mt_events e on e.stream_id = s.stream
            where s.vault = {vault} and e.seq_id > {after} and e.seq_id <= {asked.LastPosition} order by e.seq_id limit {limit}
            """,
            row => new TimelineLine(
                row.GetInt64(0), row.GetFieldValue<DateTime>(1), EventType.NameOf(row.GetString(2)), row.GetString(3), row.GetGuid(4), row.GetInt64(5),
                Id(row.IsDBNull(6) ? null : row.GetString(6)), Id(row.IsDBNull(7) ? null : row.GetString(7)), row.GetGuid(8)),
            cancellation), outcome);
    }

    /// <summary>The view is only a signpost, but a stream that it lacks would be a document or a consent missed: it must have come this far.</summary>
    private async Task ReachAsync(long position, CancellationToken cancellation)
    {
        if (!await subscriptions.WaitForAsync("vault_streams", position, Patience, cancellation))
            throw new JournalUnavailableException($"The view 'vault_streams' has not reached position {position} in time.");
    }

    private async Task<PastStreams> FetchAsync(Guid vault, DateTimeOffset at, long position, CancellationToken cancellation)
    {
        await ReachAsync(position, cancellation);
        var streams = await views.QueryAsync(
            $"select stream, kind from coffrefort_views.vault_streams where vault = {vault} order by stream",
            row => (Id: row.GetGuid(0), Kind: row.GetString(1)), cancellation);
        var documents = new Dictionary<Guid, (Document, IReadOnlyList<StoredEvent>)>();
        var consents = new Dictionary<Guid, (Consent State, IReadOnlyList<StoredEvent>)>();
        var mutations = new List<Mutation>();
        foreach (var (id, kind) in streams.Where(stream => stream.Kind is "document" or "consent" or "mutation"))
        {
            // A prefix of the journal, stream by stream. Appends that share their instant with the last of it may stand behind it.
            var upTo = await journal.FetchStreamAsync(id, timestamp: at, cancellation: cancellation);
            IReadOnlyList<StoredEvent> events = [.. upTo.TakeWhile(stored => stored.Position <= position)];
            if (events.Count == 0) continue;
            if (kind == Document.StreamType) documents[id] = (Fold.Of<Document>(events).State, events);
            else if (kind == Consent.StreamType) consents[id] = (Fold.Of<Consent>(events).State, events);
            else mutations.Add(Fold.Of<Mutation>(events).State);
        }

        var agencies = new Dictionary<Guid, Agency>();
        foreach (var agency in consents.Values.Select(consent => consent.State.Granted!.Grantee).Distinct())
            if (await journal.AggregateStreamAsync<Agency>(agency, timestamp: at, cancellation: cancellation) is { } then) agencies[agency] = then;
        var past = (await journal.FetchStreamAsync(vault, timestamp: at, cancellation: cancellation)).TakeWhile(stored => stored.Position <= position);
        return new PastStreams(documents, consents, mutations, agencies, await CatalogueAsync(at, position, cancellation))
        {
            IsClosed = Fold.Of<Vault>([.. past]).State.Erasure.IsClosed,
        };
    }

    private async Task<PastCatalogue?> CatalogueAsync(DateTimeOffset at, long position, CancellationToken cancellation)
    {
        var changes = await journal.FetchStreamAsync(CatalogueInForce.Stream, timestamp: at, cancellation: cancellation);
        return changes.LastOrDefault(stored => stored.Position <= position) is { Body: CatalogueChanged e } last
            ? new PastCatalogue(last.Timestamp, e.EvidenceTypesVersion, e.EvidenceTypesSha256, e.ProceduresVersion, e.ProceduresSha256, last.Id)
            : null;
    }

    private static Guid? Id(string? header) => Guid.TryParse(header, out var id) && id != Actor.System ? id : null;
}
