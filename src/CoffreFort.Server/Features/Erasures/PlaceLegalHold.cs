using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>
/// By order of a court or of the law an operator keeps a document, or all of a vault, from being erased: with a ground that the holder reads, a day on which it is
/// looked at again, and an end of its own. What was asked to be erased waits for that end.
/// </summary>
/// <param name="Document">The one document; null for all the vault.</param>
/// <param name="State">The document as it stands; none for the vault.</param>
public sealed record PlaceLegalHold(Guid? Document, Documents.Document State, Personal Ground, DateOnly ReviewOn, DateTimeOffset Until, Guid By)
{
    public const int LongestDays = 366;
    public const int LongestGround = 500;

    public static Decision Decide(Vault vault, PlaceLegalHold command, DateTimeOffset now)
    {
        if (vault.Holder == Guid.Empty) return Refusal.NotFound;
        // Also where it is due and nobody has written that down yet: no hold brings it back.
        if (vault.Erasure.HasEnded(now, vault.HeldUntil()) || command.State.Erasure.HasEnded(now, vault.HeldUntil(command.Document))) return TooLate;
        if (command.Until <= now || command.Until > now.AddDays(LongestDays)) return BadEnd;
        if (command.ReviewOn < FrenchCalendar.DayOf(now) || command.ReviewOn > FrenchCalendar.DayOf(command.Until)) return BadReview;
        return Decision.Of(new LegalHoldPlaced(command.Document, command.Ground, command.ReviewOn, command.Until, command.By));
    }

    /// <param name="Subject">The document or the vault.</param>
    public sealed record Order(Guid Subject, string Ground, DateOnly ReviewOn, DateTimeOffset Until);

    public static async Task<Outcome> Handle(Order order, Actor actor, ActRunner acts, Journal journal, RequestKeys keys, CancellationToken cancellation)
    {
        var ground = FileNames.CleanTitle(order.Ground);
        if (ground.Length is 0 or > LongestGround) return BadGround;
        if (await VaultOfAsync(order.Subject, journal, cancellation) is not { } vault) return Refusal.NotFound;
        var document = order.Subject == vault ? (Guid?)null : order.Subject;
        return await acts.RunInTurnAsync(vault, actor, async session =>
        {
            var stream = await session.FetchForWriting<Vault>(vault, cancellation);
            var held = document is { } id ? (await session.FetchGuarded<Documents.Document>(id, cancellation)).State : Documents.Document.Empty;
            if (stream.State.Erasure.Erased) return TooLate;
            if (ErasureRefusals.LastInstant(stream.State, order.Subject, held) is { } last) session.NotAfter(last);
            var command = new PlaceLegalHold(
                document, held, (await keys.SealAsync(vault, ground, cancellation))!, order.ReviewOn, order.Until, actor.Person);
            return session.Take(stream, Decide(stream.State, command, session.Now), actor);
        }, cancellation);
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/legal-holds", Post).RequireAuthorization(Policies.Operator)
        .WithSummary("Keep a document or a vault from being erased, on a ground that the holder reads").Produces(StatusCodes.Status204NoContent);

    /// <summary>The vault itself, or the one that a document lies in; null for anything else.</summary>
    internal static async Task<Guid?> VaultOfAsync(Guid subject, Journal journal, CancellationToken cancellation) =>
        (await journal.FetchStreamAsync(subject, cancellation: cancellation)) switch
        {
            [{ Body: VaultOpened }, ..] => subject,
            [{ Body: DocumentDeposited e }, ..] => e.Vault,
            _ => null,
        };

    private static async Task<IResult> Post(Order order, HttpContext http, ActRunner acts, Journal journal, RequestKeys keys, CancellationToken cancellation)
    {
        var outcome = await Handle(order, http.Actor(), acts, journal, keys, cancellation);
        return await http.AnswerAsync(outcome, () => Task.FromResult(Results.NoContent()));
    }

    private static Refusal TooLate { get; } = new("erased", "C'est déjà effacé : il n'y a plus rien à conserver.", 410);

    private static Refusal BadEnd { get; } = new("bad-end", "La fin doit être à venir, dans les 366 jours ; une conservation plus longue se renouvelle. Rien n'a été enregistré.", 422);

    private static Refusal BadReview { get; } = new("bad-review", "Le réexamen a lieu au plus tard le jour de la fin, et pas dans le passé. Rien n'a été enregistré.", 422);

    private static Refusal BadGround { get; } = new("ground-required", "Dites le motif, en 500 caractères au plus : le titulaire le lira.", 422);
}
