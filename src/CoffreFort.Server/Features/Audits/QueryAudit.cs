using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.Server.Features.Audits;

/// <summary>An auditor asks about a vault, within the scope and before the end of their audit. The question is durable before it is answered.</summary>
/// <param name="Question">One of <see cref="Questions"/>.</param>
public sealed record QueryAudit(string Question, Guid Vault, Guid Auditor, DateTimeOffset? At)
{
    public static Decision Decide(Audit state, QueryAudit command, DateTimeOffset now)
    {
        if (state.Opened is not { } opened || opened.Auditor != command.Auditor) return Refusal.NotFound;
        if (now >= opened.Until) return Ended;
        if (opened.Vaults.Count > 0 && !opened.Vaults.Contains(command.Vault)) return OutOfScope;
        return command.At > now ? InTheFuture : Decision.Of(new AuditQueried(command.Question, command.Vault, command.At));
    }

    /// <returns>The position and the instant of the question: what came before is final.</returns>
    public static Task<Outcome> Handle(Guid id, QueryAudit command, Actor actor, ActRunner acts, CancellationToken cancellation)
    {
        // Each question is an act of its own, and a GET insists on no version.
        var asking = actor with { IdempotencyKey = null, IfMatch = null };
        return acts.RunAsync(asking, async session =>
        {
            var audit = await session.FetchForWriting<Audit>(id, cancellation);
            var decision = Decide(audit.State, command, session.Now);
            if (decision.Refusal is null)
            {
                if (!(await session.FetchGuarded<Vault>(command.Vault, cancellation)).Exists) return Refusal.NotFound;
                session.NotAfter(audit.State.Opened!.Until.AddMicroseconds(-1));
            }

            return session.Take(audit, decision, asking);
        }, cancellation);
    }

    private static Refusal Ended { get; } = new("audit-ended", "Cet audit a pris fin : ouvrez-en un autre, avec son motif.");

    private static Refusal OutOfScope { get; } = new("audit-scope", "Ce coffre n'est pas dans le périmètre de cet audit.", 403);

    private static Refusal InTheFuture { get; } = new("at-in-the-future", "Cet instant n'est pas encore passé : on ne rejoue que ce qui a eu lieu.", 422);
}

public static class Questions
{
    public const string State = "state";
    public const string Timeline = "timeline";
}
