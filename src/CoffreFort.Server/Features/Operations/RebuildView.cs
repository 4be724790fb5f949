using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using Npgsql;

namespace CoffreFort.Server.Features.Operations;

/// <summary>A view is built anew beside the live one and takes its place; that it began and how it ended stands in the journal.</summary>
public static class RebuildView
{
    /// <exception cref="RebuildRunningException">Somebody else rebuilds it; nothing is recorded.</exception>
    /// <exception cref="PoisonEventException">An event can't be applied: the old tables stay.</exception>
    public static async Task<RebuildResult> Handle(
        string view, RebuildOptions how, Actor actor, Journal journal, Subscriptions subscriptions, CancellationToken cancellation)
    {
        var (rebuild, version) = (Guid.CreateVersion7(), subscriptions.VersionOf(view));
        var (begun, again) = (false, false);
        try
        {
            var result = await subscriptions.RebuildAsync(view, how with { Begun = BeginAsync }, cancellation);
            await RecordAsync(new ViewRebuilt(
                rebuild, view, version, result.Position, result.Events, result.Skipped, (long)result.Took.TotalMilliseconds));
            return result;
        }
        catch (Exception failure) when (begun && failure is not JournalUnavailableException)
        {
            var reason = Say(failure);
            if (!again || (reason != RebuildAttempts.Interrupted && !(await AttemptsAsync(CancellationToken.None)).Reasons.Contains(reason)))
                await RecordAsync(new ViewRebuildFailed(rebuild, view, reason));
            throw;
        }

        async Task BeginAsync()
        {
            // The clockwork tries again by itself, for as long as it takes: only what is new is recorded.
            if (actor.Person == Actor.System && actor.Channel == Channels.Worker && await AttemptsAsync(cancellation) is { Last: { } last, Reasons.Count: > 0 })
                (rebuild, again) = (last, true);
            else
                await RecordAsync(new ViewRebuildStarted(rebuild, view, version, how.Resume, how.RetrySkipped));
            begun = true;
        }

        async Task<RebuildAttempts> AttemptsAsync(CancellationToken ending) =>
            RebuildAttempts.Of(await journal.FetchStreamAsync(OperatorActs.Stream, cancellation: ending), view, version);

        Task RecordAsync(IEvent @event) => actor.RecordAsync(journal, @event);
    }

    /// <summary>Appends an operator's act, at whatever version the list of them stands.</summary>
    public static Task<AppendResult> RecordAsync(this Actor actor, Journal journal, IEvent @event)
    {
        var session = journal.OpenSession(actor.Metadata());
        session.Append<OperatorActs>(OperatorActs.Stream, [@event]);
        return session.SaveChangesAsync(CancellationToken.None);
    }

    private static string Say(Exception failure) => failure switch
    {
        PoisonEventException => failure.Message,
        OperationCanceledException => RebuildAttempts.Interrupted,
        PostgresException => PoisonEventException.Describe(failure),
        _ => failure.GetType().Name,
    };
}
