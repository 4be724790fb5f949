using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Documents;

/// <summary>The holder reads a version's content. No byte leaves before the read is durable in the journal.</summary>
public sealed record ReadDocument(int Version, Guid Reader, string Use)
{
    public static Decision Decide(Vault vault, Guid id, Document document, ReadDocument command, DateTimeOffset now)
    {
        if (document.Find(command.Version) is null || vault.Holder != command.Reader) return Refusal.NotFound;
        return ErasureRefusals.RefuseRead(vault, id, document, now) is { } gone ? gone : Decision.Of(new DocumentRead(command.Version, command.Reader, command.Use));
    }

    public static Task<Outcome> Handle(Guid id, ReadDocument command, Actor actor, ActRunner acts, CancellationToken cancellation) =>
        acts.RunAsync(actor with { IdempotencyKey = null, IfMatch = null }, async session =>
        {
            var document = await session.FetchForWriting<Document>(id, cancellation);
            var vault = await session.FetchGuarded<Vault>(document.State.Vault, cancellation);
            if (ErasureRefusals.LastInstant(vault.State, id, document.State) is { } last) session.NotAfter(last);
            return session.Take(document, Decide(vault.State, id, document.State, command, session.Now), actor with { IfMatch = null });
        }, cancellation);

    public static void Map(IEndpointRouteBuilder api) => api.MapMethods("/documents/{id:guid}/versions/{version:int}/content", ["GET", "HEAD"], Get)
        .RequireAuthorization(Policies.HolderOrHelper).WithSummary("A version's content; ranges are honoured")
        .Produces<Stream>(StatusCodes.Status200OK, "application/octet-stream").Produces<Stream>(StatusCodes.Status206PartialContent, "application/octet-stream");

    private static async Task<IResult> Get(
        Guid id, int version, string? use, HttpContext http, Person person, ActRunner acts, Journal journal, OpenContent contents, CancellationToken cancellation)
    {
        var document = await journal.AggregateStreamAsync<Document>(id, cancellation: cancellation);
        var vault = document is null ? null : await journal.AggregateStreamAsync<Vault>(document.Vault, cancellation: cancellation);
        var command = new ReadDocument(version, person.Id, use == Uses.Preview ? Uses.Preview : Uses.Download);
        if (document is null || vault is null) return Problems.Result(Refusal.NotFound);
        if (Decide(vault, id, document, command, await journal.NowAsync(cancellation)).Refusal is { } refusal) return Problems.Result(refusal);
        var identity = new DocumentIdentity(document.Vault, id, checked((uint)version));
        return await contents.AnswerAsync(
            http, identity, document.Find(version)!.Content, command.Use == Uses.Preview,
            record: () => Handle(id, command, http.Actor(), acts, cancellation), cancellation, ErasureRefusals.Erased);
    }
}
