using CoffreFort.EventStore;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Views;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Receipts;

/// <summary>Finds the event of a receipt for those who may have it: the holder whom it concerns, who did it and, of a reading, the agency that read.</summary>
public sealed class ReceiptEvents(ViewDatabase views, ReadPosition position, Journal journal)
{
    /// <summary>Null when there is no such event, or it is not this person's to see.</summary>
    public async Task<ConcernedEvent?> FindAsync(Guid id, Person person, CancellationToken cancellation)
    {
        await position.ReachAsync(["event_index"], cancellation);
        var place = await views.FindAsync(
            $"select position, vault from coffrefort_views.event_index where event = {id}",
            row => new Place(row.GetInt64(0), row.IsDBNull(1) ? null : row.GetGuid(1)), cancellation);
        if (place is null) return null;
        StoredEvent? stored = null;
        await foreach (var found in journal.ReadAllAsync(place.Position - 1, place.Position, cancellation)) stored = found;
        return stored?.Id == id && await MaySeeAsync(stored, place.Vault, person, cancellation) ? new ConcernedEvent(stored, place.Vault) : null;
    }

    private async Task<bool> MaySeeAsync(StoredEvent stored, Guid? vault, Person person, CancellationToken cancellation) =>
        stored.Header("actor") == person.Id.ToString()
        || (vault is { } concerned && (await journal.AggregateStreamAsync<Vault>(concerned, cancellation: cancellation))?.Holder == person.Id)
        || (stored.Body is EvidenceRead read && (await journal.AggregateStreamAsync<Agency>(read.Agency, cancellation: cancellation))?.Employs(person.Id) == true);

    private sealed record Place(long Position, Guid? Vault);
}

/// <param name="Vault">Whose vault it concerns; null when it concerns nobody's.</param>
public sealed record ConcernedEvent(StoredEvent Stored, Guid? Vault);
