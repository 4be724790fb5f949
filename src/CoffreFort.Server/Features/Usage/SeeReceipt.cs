using CoffreFort.EventStore;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Views;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Usage;

/// <summary>An event's receipt: where it stands in the journal, under which hash. For a deposit also what NF Z42-020 asks to be kept.</summary>
public sealed class SeeReceipt(ViewDatabase views, ReadPosition position, Journal journal)
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/receipts/{event:guid}", Get).RequireAuthorization(Policies.SignedIn)
        .WithSummary("An event's receipt, for the holder whom it concerns and for who did it").Produces<Receipt>();

    private static async Task<IResult> Get(Guid @event, Person person, SeeReceipt receipts, CancellationToken cancellation) =>
        await receipts.FindAsync(@event, person, cancellation) is { } receipt ? Results.Ok(receipt) : Problems.Result(Refusal.NotFound);

    /// <summary>Null when there is no such event, or it is not this person's to see.</summary>
    public async Task<Receipt?> FindAsync(Guid id, Person person, CancellationToken cancellation)
    {
        await position.ReachAsync(["event_index"], cancellation);
        var place = await views.FindAsync(
            $"select position, vault from coffrefort_views.event_index where event = {id}",
            row => new Place(row.GetInt64(0), row.IsDBNull(1) ? null : row.GetGuid(1)), cancellation);
        if (place is null) return null;
        StoredEvent? stored = null;
        await foreach (var found in journal.ReadAllAsync(place.Position - 1, place.Position, cancellation)) stored = found;
        if (stored?.Id != id || !await MaySeeAsync(stored, place.Vault, person, cancellation)) return null;
        var head = await journal.HeadAsync(cancellation);
        return new Receipt(
            id, stored.Type, stored.StreamId, stored.Version, stored.Position, stored.Timestamp, Convert.ToHexStringLower(stored.LeafHash.Span),
            new Head(head.Size, Convert.ToHexStringLower(head.Root.Span)), DepositOf(stored));
    }

    private async Task<bool> MaySeeAsync(StoredEvent stored, Guid? vault, Person person, CancellationToken cancellation) =>
        stored.Header("actor") == person.Id.ToString()
        || (vault is { } concerned && (await journal.AggregateStreamAsync<Vault>(concerned, cancellation: cancellation))?.Holder == person.Id);

    private static Deposit? DepositOf(StoredEvent stored) => stored.Body switch
    {
        DocumentDeposited e => Of(stored, 1, e.Depositor, e.Content),
        VersionDeposited e => Of(stored, e.Number, e.Depositor, e.Content),
        _ => null,
    };

    private static Deposit Of(StoredEvent stored, int version, Guid depositor, StoredContent content) =>
        new($"{stored.StreamId}/versions/{version}", depositor, stored.Timestamp, content.Size, "SHA-256", content.CiphertextSha256);

    private sealed record Place(long Position, Guid? Vault);

    /// <param name="LeafHash">RFC 6962, lower-case hex.</param>
    /// <param name="Head">The journal now: a proof of inclusion leads from the leaf to its root.</param>
    public sealed record Receipt(
        Guid Event, string Type, Guid Stream, long Version, long Position, DateTimeOffset At, string LeafHash, Head Head, Deposit? Deposit);

    public sealed record Head(long Size, string Root);

    /// <summary>The six metadata of NF Z42-020. The hash is the sealed content's: one of the plaintext would let forms be guessed.</summary>
    public sealed record Deposit(string ObjectId, Guid DepositorId, DateTimeOffset DepositDate, long Size, string HashAlgorithm, string Hash);
}
