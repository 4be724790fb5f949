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

    public static void Map(IEndpointRouteBuilder api) => api.MapMethods("/documents/{id:guid}/versions/{version:int}/content", ["GET", "HEAD"], Get)
        .RequireAuthorization(Policies.HolderOrHelper).WithSummary("A version's content; ranges are honoured")
        .Produces<Stream>(StatusCodes.Status200OK, "application/octet-stream").Produces<Stream>(StatusCodes.Status206PartialContent, "application/octet-stream");

    private static async Task<IResult> Get(
        Guid id, int version, string? use, HttpContext http, Person person, ActRunner acts, Journal journal, OpenContent contents, CancellationToken cancellation)
    {
        var command = new ReadDocument(version, person.Id, use == Uses.Preview ? Uses.Preview : Uses.Download);
        if (HttpMethods.IsHead(http.Request.Method)) return await HeadAsync(id, command, http, journal, cancellation);
        VerifiedContent? verified = null;
        (StoredContent Content, Refusal Refusal)? broken = null;
        try
        {
            // Each answer with content is a read of its own: a repeated request is a second one.
            var reader = http.Actor() with { IdempotencyKey = null, IfMatch = null };
            var outcome = await acts.RunAsync(reader, async session =>
            {
                // Of a try that rested on an old memory.
                http.Response.Headers.Remove("Content-Range");
                var document = await session.FetchForWriting<Document>(id, cancellation);
                var vault = await session.FetchGuarded<Vault>(document.State.Vault, cancellation);
                var decision = Decide(vault.State, id, document.State, command, session.Now);
                if (decision.Refusal is { } refusal) return refusal;
                // Before it is recorded, and once: who loses a race to another reader decides again, on the same bytes.
                var (identity, content) = (new DocumentIdentity(document.State.Vault, id, checked((uint)version)), document.State.Find(version)!.Content);
                if (broken is { } known && known.Content.Blob == content.Blob) return known.Refusal;
                if (verified?.Identity != identity || verified.Content.Blob != content.Blob)
                {
                    Interlocked.Exchange(ref verified, null)?.Dispose();
                    (verified, var unreadable) = await contents.VerifyAsync(http, identity, content, cancellation, ErasureRefusals.Erased);
                    if (unreadable == OpenContent.IntegrityBroken) broken = (content, unreadable);
                    if (verified is null) return unreadable;
                }

                if (ErasureRefusals.LastInstant(vault.State, id, document.State) is { } last) session.NotAfter(last);
                return session.Take(document, decision, reader);
            }, cancellation, Recall.Rely);
            return verified is null ? Problems.Result(outcome.Refusal!) : await contents.SendAsync(http, verified, command.Use == Uses.Preview, outcome, cancellation);
        }
        finally
        {
            verified?.Dispose();
        }
    }

    private static async Task<IResult> HeadAsync(Guid id, ReadDocument command, HttpContext http, Journal journal, CancellationToken cancellation)
    {
        var document = await journal.AggregateStreamAsync<Document>(id, cancellation: cancellation) ?? Document.Empty;
        var vault = await journal.AggregateStreamAsync<Vault>(document.Vault, cancellation: cancellation) ?? Vault.Empty;
        if (Decide(vault, id, document, command, await journal.NowAsync(cancellation)).Refusal is { } refusal) return Problems.Result(refusal);
        return OpenContent.Head(http, new DocumentIdentity(document.Vault, id, checked((uint)command.Version)), document.Find(command.Version)!.Content, command.Use == Uses.Preview);
    }
}
