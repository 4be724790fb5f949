using CoffreFort.EventStore;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;

namespace CoffreFort.Server.Features.Audits;

/// <summary>
/// How things stood for one vault at a past instant: which documents there were, which consents stood, who could read, and who had read. A pure
/// function of the events up to that instant. Opaque ids and public facts only: the auditor never sees what tells about the person.
/// </summary>
public static class PastState
{
    public static PastStateView Of(PastStreams past, DateTimeOffset at, long position) => new(
        at, position, [.. past.Documents.SelectMany(DocumentsOf)], [.. past.Consents.Select(consent => ConsentOf(consent.Key, consent.Value.State, at))],
        [.. Readers(past, at)], [.. past.Consents.SelectMany(consent => ReadsOf(consent.Key, consent.Value.Events)).OrderBy(read => read.Position)],
        past.Catalogue);

    /// <summary>Each document at each version that an agency could have read at that instant: the consent stood, and the agency's habilitation with it.</summary>
    private static IEnumerable<PastReader> Readers(PastStreams past, DateTimeOffset at) =>
        from consent in past.Consents
        let granted = consent.Value.State.Granted
        where granted is not null && consent.Value.State.StateAt(at) == "active"
        // A mutation that was due takes effect before anything is read, whether or not its event was there yet.
        where !granted.TiedToPosting || !past.Mutations.Any(mutation => mutation.IsDue(at))
        let agency = past.Agencies.GetValueOrDefault(granted.Grantee)
        where agency is not null
        where !past.IsClosed
        from document in past.Documents
        where agency.MayRead(granted.Procedure, document.Value.State.EvidenceType, at)
        from version in Coverage.VersionsOf(granted, document.Key, document.Value.State, at)
        select new PastReader(granted.Grantee, document.Key, version.Number, consent.Key);

    private static IEnumerable<PastDocument> DocumentsOf(KeyValuePair<Guid, (Document State, IReadOnlyList<StoredEvent> Events)> document) =>
        from stored in document.Value.State.Erasure.Erased ? [] : document.Value.Events
        let number = stored.Body switch { DocumentDeposited => 1, VersionDeposited e => e.Number, _ => 0 }
        where number > 0
        let content = document.Value.State.Find(number)!.Content
        select new PastDocument(document.Key, number, document.Value.State.EvidenceType, content.Size, content.MediaType, stored.Timestamp, stored.Id);

    private static PastConsent ConsentOf(Guid id, Consent consent, DateTimeOffset at)
    {
        var granted = consent.Granted!;
        return new PastConsent(
            id, consent.StateAt(at), granted.Grantee, granted.Procedure, granted.From, granted.Until, granted.Uses, consent.Used, granted.Delivery,
            granted.Pieces, granted.EvidenceTypes, granted.TiedToPosting, granted.Mutation);
    }

    private static IEnumerable<PastRead> ReadsOf(Guid consent, IReadOnlyList<StoredEvent> events) =>
        from stored in events
        let read = stored.Body as EvidenceRead
        where read is not null
        select new PastRead(stored.Timestamp, stored.Position, read.Agency, read.Clerk, read.Document, read.Version, read.Procedure, consent, stored.Id);
}
