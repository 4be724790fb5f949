using CoffreFort.Cryptography.Cms;
using CoffreFort.EventStore;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Receipts;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>What an erasure comes to, in the holder's hands: both instants, how much was destroyed, and the events that prove it.</summary>
public sealed class ErasureCertificate(Journal journal)
{
    /// <summary>Null when there is no such erasure, or it has not come to its end, or it is not this person's.</summary>
    public async Task<Certificate?> FindAsync(Guid subject, Person person, CancellationToken cancellation)
    {
        var events = await journal.FetchStreamAsync(subject, cancellation: cancellation);
        var vault = events.Count == 0 ? Guid.Empty : events[0].Body switch { VaultOpened => subject, DocumentDeposited e => e.Vault, _ => Guid.Empty };
        if ((await journal.AggregateStreamAsync<Vault>(vault, cancellation: cancellation))?.Holder != person.Id) return null;
        var erased = events.LastOrDefault(stored => stored.Body is DocumentErased or VaultErased);
        var destroyed = events.LastOrDefault(stored => stored.Body is KeyDestroyed or VaultKeysDestroyed);
        if (erased is null || destroyed is null) return null;
        return new Certificate(Statement.Of(destroyed)!.Erasure!, erased.Timestamp, Line(erased), Line(destroyed), $"/api/v1/receipts/{destroyed.Id}/signed");
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/erasures/{subject:guid}/certificate", Get).RequireAuthorization(Policies.Holder)
        .WithSummary("The certificate of an erasure: when the keys were destroyed, and from when on no backup can bring anything back").Produces<Certificate>();

    private static async Task<IResult> Get(Guid subject, HttpContext http, Person person, ErasureCertificate certificates, CancellationToken cancellation)
    {
        if (await certificates.FindAsync(subject, person, cancellation) is not { } certificate) return Problems.Result(Refusal.NotFound);
        http.Response.Headers.CacheControl = "private, no-store";
        return Results.Ok(certificate);
    }

    private static ProvenEvent Line(StoredEvent stored) => new(stored.Id, stored.Position, stored.Timestamp, $"/api/v1/receipts/{stored.Id}");

    /// <param name="Statement">What is certified: <c>erasedAt</c> is when the keys were destroyed, <c>finalAt</c> from when on no backup can bring them back.</param>
    /// <param name="ReadableUntil">From then on nothing of it was read.</param>
    /// <param name="Erased">The event that decided it.</param>
    /// <param name="Destroyed">The event that says that the keys are destroyed and the blobs deleted.</param>
    /// <param name="Sealed">The same under the operator's seal (CAdES), as a file that proves by itself.</param>
    public sealed record Certificate(ErasureStatement Statement, DateTimeOffset ReadableUntil, ProvenEvent Erased, ProvenEvent Destroyed, string Sealed);

    /// <summary>An event with its receipt: place, hash, proof.</summary>
    public sealed record ProvenEvent(Guid Event, long Position, DateTimeOffset At, string Receipt);
}
