using CoffreFort.EventStore;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Documents;

/// <summary>The holder sees all that happened to one document, in the journal's order.</summary>
public sealed class SeeHistory(Journal journal)
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/documents/{id:guid}/history", Get).RequireAuthorization(Policies.HolderOrHelper)
        .WithSummary("What happened to a document").Produces<Paged<HistoryLine>>();

    private static async Task<IResult> Get(Guid id, Person person, SeeHistory history, CancellationToken cancellation)
    {
        var lines = await history.LinesAsync(id, person, cancellation);
        return lines is null ? Problems.Result(Refusal.NotFound) : Results.Ok(new Paged<HistoryLine>(lines, null));
    }

    /// <returns>Null when the document is unknown or not this person's.</returns>
    public async Task<IReadOnlyList<HistoryLine>?> LinesAsync(Guid id, Person person, CancellationToken cancellation)
    {
        var events = await journal.FetchStreamAsync(id, cancellation: cancellation);
        if (events is not [{ Body: DocumentDeposited first }, ..]) return null;
        var vault = await journal.AggregateStreamAsync<Vault>(first.Vault, cancellation: cancellation);
        if (vault?.Holder != person.Id) return null;
        return [.. events.Select(stored => new HistoryLine(
            stored.Timestamp, stored.Name, VersionOf(stored.Body), Guid.TryParse(stored.Header("actor"), out var actor) ? actor : null,
            stored.Id, stored.Position, (stored.Body as DocumentRead)?.Use))];
    }

    private static int? VersionOf(IEvent body) => body switch
    {
        DocumentDeposited => 1,
        VersionDeposited e => e.Number,
        DocumentRead e => e.Version,
        IntegrityFailed e => e.Version,
        _ => null,
    };
}

/// <param name="Type">The event's name.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="Event">Its id, by which it can be proven.</param>
/// <param name="Use">Of a reading: one of <see cref="Uses"/>.</param>
public sealed record HistoryLine(DateTimeOffset At, string Type, int? Version, Guid? Actor, Guid Event, long Position, string? Use);
