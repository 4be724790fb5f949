using CoffreFort.EventStore;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Views;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>Reads erasures from the streams, for the holder.</summary>
public sealed class ErasureReader(Journal journal, ViewDatabase views, ReadPosition position, RequestKeys keys)
{
    /// <summary>The erasure of a document or a vault of this person's; null when there is none.</summary>
    public async Task<ErasureView?> FindAsync(Guid subject, Person person, CancellationToken cancellation)
    {
        var events = await journal.FetchStreamAsync(subject, cancellation: cancellation);
        if (events is [{ Body: VaultOpened opened }, ..]) return opened.Holder == person.Id ? await OfVaultAsync(subject, events, cancellation) : null;
        if (events is not [{ Body: DocumentDeposited deposited }, ..]) return null;
        var vault = await journal.AggregateStreamAsync<Vault>(deposited.Vault, cancellation: cancellation);
        return vault?.Holder == person.Id ? await OfDocumentAsync(subject, events, vault, cancellation) : null;
    }

    /// <summary>All of one vault, its own first, then the documents' in the order of their deposit.</summary>
    public async Task<IReadOnlyList<ErasureView>> ListAsync(Guid vault, Person person, Guid? after, int limit, CancellationToken cancellation)
    {
        await position.ReachAsync([ErasureList.View, "vault_streams"], cancellation);
        var subjects = await views.QueryAsync(
            $"""
            select l.subject from coffrefort_views.erasure_list l join coffrefort_views.vault_streams s on s.stream = l.subject
            where s.vault = {vault} and l.subject > {after ?? Guid.Empty} order by l.subject limit {limit}
            """,
            row => row.GetGuid(0), cancellation);
        var found = new List<ErasureView>();
        foreach (var subject in subjects)
            if (await FindAsync(subject, person, cancellation) is { } view) found.Add(view);
        return found;
    }

    /// <summary>All of one person, of vaults that were erased too; those asked for last come first.</summary>
    /// <param name="person">Whose.</param>
    /// <param name="before">The last one of the page before.</param>
    /// <param name="limit">How many.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<IReadOnlyList<ErasurePlace>> LatestAsync(Person person, ErasurePlace before, int limit, CancellationToken cancellation)
    {
        await position.ReachAsync([ErasureList.View, "vault_streams", "vault_directory"], cancellation);
        return await views.QueryAsync(
            $"""
            select l.requested_at, l.subject from coffrefort_views.vault_directory d
            join coffrefort_views.vault_streams s on s.vault = d.vault join coffrefort_views.erasure_list l on l.subject = s.stream
            where d.holder = {person.Id} and (l.requested_at, l.subject) < ({before.RequestedAt}, {before.Subject})
            order by l.requested_at desc, l.subject desc limit {limit}
            """,
            row => new ErasurePlace(row.GetFieldValue<DateTime>(0), row.GetGuid(1)), cancellation);
    }

    public async Task<ErasureView?> OfDocumentAsync(Guid id, IReadOnlyList<StoredEvent> events, Vault vault, CancellationToken cancellation)
    {
        var document = Fold.Of<Document>(events).State;
        return Of(id, Document.StreamType, document.Erasure, events, vault.HeldUntil(id)) is { } view
            ? view with { Hold = await HoldAsync(document.Vault, vault, hold => hold.Protects(id), cancellation) }
            : null;
    }

    /// <summary>The legal hold that stands longest, with its ground in words.</summary>
    public async Task<HoldView?> HoldAsync(Guid id, Vault vault, Func<LegalHold, bool> which, CancellationToken cancellation)
    {
        if (!vault.Holds.Any(which)) return null;
        var now = await journal.NowAsync(cancellation);
        return vault.Holds.Where(hold => hold.Until > now && which(hold)).MaxBy(hold => hold.Until) is { } hold
            ? new HoldView(hold.Document, await keys.RevealAsync(id, hold.Ground, cancellation), hold.ReviewOn, hold.Until)
            : null;
    }

    /// <summary>The one that stands longest on a vault or on anything in it.</summary>
    public async Task<HoldView?> HoldOfVaultAsync(Guid vault, CancellationToken cancellation) =>
        await journal.AggregateStreamAsync<Vault>(vault, cancellation: cancellation) is { } state ? await HoldAsync(vault, state, _ => true, cancellation) : null;

    private async Task<ErasureView?> OfVaultAsync(Guid id, IReadOnlyList<StoredEvent> events, CancellationToken cancellation)
    {
        var vault = Fold.Of<Vault>(events).State;
        return Of(id, Vault.StreamType, vault.Erasure, events, vault.HeldUntil()) is { } view
            ? view with { Hold = await HoldAsync(id, vault, _ => true, cancellation) }
            : null;
    }

    private static ErasureView? Of(Guid id, string kind, Erasure erasure, IReadOnlyList<StoredEvent> events, DateTimeOffset? heldUntil)
    {
        if (!erasure.IsClosed) return null;
        var erased = events.LastOrDefault(stored => stored.Body is DocumentErased or VaultErased);
        var requested = events.LastOrDefault(stored => stored.Body is DocumentErasureRequested or VaultErasureRequested) ?? erased!;
        var destroyed = events.LastOrDefault(stored => stored.Body is KeyDestroyed or VaultKeysDestroyed);
        var finalAfter = destroyed?.Body switch { KeyDestroyed e => e.FinalAfter, VaultKeysDestroyed e => e.FinalAfter, _ => (DateTimeOffset?)null };
        var state = destroyed is not null ? ErasureView.Destroyed : erased is not null ? ErasureView.Erased : ErasureView.Pending;
        return new ErasureView(
            id, kind, state, requested.Timestamp, erased is null ? erasure.TakesEffect(heldUntil) : null, null, erased?.Timestamp, destroyed?.Timestamp, finalAfter,
            destroyed is null ? null : $"/api/v1/erasures/{id}/certificate");
    }
}

/// <summary>Where one stands among a person's erasures.</summary>
/// <param name="RequestedAt">When it was first asked for.</param>
/// <param name="Subject">The document, or the vault.</param>
public sealed record ErasurePlace(DateTimeOffset RequestedAt, Guid Subject);
