using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Hosting;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Operations.Integrity;
using CoffreFort.Server.Outbox;
using CoffreFort.Server.Views;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Npgsql;

namespace CoffreFort.Server.Features.Operations;

/// <summary>The operator sees whether everything runs, and decides about what stands still; the page itself stays up while what it reports on is down.</summary>
[Authorize(Policies.Operator)]
public sealed class SeeStatusModel(
    Journal journal, Subscriptions subscriptions, IBlobStore blobs, EpochKeys keys, MessageOutbox outbox, Readiness readiness, SweepRecord sweep, LogStatus log,
    RequestKeys request) : PageModel
{
    private const int DeadShown = 20;
    private const int ActsShown = 8;

    /// <summary>Null when the journal doesn't answer.</summary>
    public JournalHead? Head { get; private set; }

    public BlobStoreHealth Blobs { get; private set; } = null!;

    /// <summary>How many epoch keys there are; null when the key database doesn't answer.</summary>
    public long? Epochs { get; private set; }

    /// <summary>How far it is sealed; null when the journal doesn't answer.</summary>
    public Seals? Seals { get; private set; }

    public IReadOnlyList<SubscriptionState> Views { get; private set; } = [];

    public OutboxState? Outbox { get; private set; }

    public IReadOnlyList<DeadMessage> Dead { get; private set; } = [];

    /// <summary>What waits for a decision that is taken on this page: events at which something stands, interrupted rebuilds, messages that were given up.</summary>
    public long Decisions => Stopped.Union(Interrupted).Count() + (Outbox?.Dead ?? 0);

    public IReadOnlyList<SubscriptionState> Stopped => [.. Views.Where(view => view.Stop is not null)];

    public IReadOnlyList<SubscriptionState> Interrupted => [.. Views.Where(view => view is { Stop: null or { WhileRebuilding: true }, Rebuild: { Node: null } })];

    /// <summary>What else is the matter; the worst first.</summary>
    public IReadOnlyList<Concern> Concerns { get; private set; } = [];

    /// <summary>The latest acts of operators, the last one first.</summary>
    public IReadOnlyList<OperatorActLine> Acts { get; private set; } = [];

    [BindProperty]
    public string? Reason { get; set; }

    /// <summary>How far the integrity sweep is; null when the database doesn't answer.</summary>
    public SweepStatus? Integrity { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Blobs = await blobs.ProbeAsync(cancellation);
        var concerns = new List<Concern>();
        try
        {
            var problems = await readiness.ProblemsAsync(cancellation);
            if (log.State.DelayedBy is { } delayed && problems.All(problem => problem.Code != LogReadiness.Delayed)) concerns.Add(Concern.LogDelayed(delayed));
            concerns.AddRange(problems.Where(problem => !Concern.IsDecision(problem)).Select(Concern.Of));
            Head = await journal.HeadAsync(cancellation);
            Integrity = await sweep.ReadAsync(cancellation);
            Seals = await log.SealsAsync(cancellation);
            Views = await subscriptions.StatesAsync(cancellation);
            Outbox = await outbox.StateAsync(cancellation);
            Dead = await outbox.DeadAsync(DeadShown, cancellation);
            var acts = await journal.FetchStreamAsync(OperatorActs.Stream, cancellation: cancellation);
            var reader = Person.From(User).Id;
            var lines = new List<OperatorActLine>();
            foreach (var act in acts.TakeLast(ActsShown).Reverse()) lines.Add(await OperatorActLine.ReadAsync(act, reader, request, cancellation));
            Acts = lines;
        }
        catch (Exception failure) when (failure is JournalUnavailableException or NpgsqlException)
        {
            // That it doesn't answer is what the page says.
        }

        try
        {
            Epochs = await keys.CountAsync(cancellation);
        }
        catch (NpgsqlException)
        {
            concerns.Add(Concern.KeysUnreachable);
        }

        if (log.SealProblem is { } seal) concerns.Add(Concern.SealMissing(seal));
        Concerns = [.. concerns.OrderBy(concern => concern.Blocks ? 0 : 1)];
    }

    /// <param name="view">One view; all of them when left out.</param>
    public async Task<IActionResult> OnPostRebuildAsync([FromServices] RebuildQueue queue, string? view, bool resume, CancellationToken cancellation)
    {
        IReadOnlyList<string> wanted = string.IsNullOrEmpty(view) ? subscriptions.Rebuildable : [.. subscriptions.Rebuildable.Where(one => one == view)];
        if (wanted.Count == 0) return this.Refused(Refusal.NotFound);
        if (!wanted.All(one => queue.Add(one, new RebuildOptions { Resume = resume }, HttpContext.Actor()))) return await RefusedAsync(TooMany, cancellation);
        return Done(Texts.Of("La reconstruction est lancée : l'ancienne version sert jusqu'à ce que la nouvelle la remplace."));
    }

    public Task<IActionResult> OnPostRetryAsync(string view, long position, CancellationToken cancellation) =>
        DecideAsync(new DecideOnPoison(view, position, Reason, Skip: false), Texts.Of("L'événement est repris."), cancellation);

    public Task<IActionResult> OnPostSkipAsync(string view, long position, CancellationToken cancellation) =>
        DecideAsync(new DecideOnPoison(view, position, Reason, Skip: true), Texts.Of("L'événement sera passé ; la décision est au journal."), cancellation);

    public async Task<IActionResult> OnPostResendAsync(Guid message, CancellationToken cancellation)
    {
        var refusal = await ResendMessage.Handle(message, Reason, HttpContext.Actor(), journal, outbox, cancellation);
        return refusal is null ? Done(Texts.Of("Le message sera envoyé de nouveau.")) : await RefusedAsync(refusal, cancellation);
    }

    private static Refusal TooMany { get; } = new("too-many-rebuilds", "Trop de reconstructions attendent déjà sur ce nœud. Réessayez quand elles seront faites.", 503);

    private async Task<IActionResult> DecideAsync(DecideOnPoison command, string done, CancellationToken cancellation)
    {
        var refusal = await DecideOnPoison.Handle(command, HttpContext.Actor(), journal, subscriptions, cancellation);
        return refusal is null ? Done(done) : await RefusedAsync(refusal, cancellation);
    }

    private async Task<IActionResult> RefusedAsync(Refusal refusal, CancellationToken cancellation)
    {
        await OnGetAsync(cancellation);
        return this.Refused(refusal);
    }

    private LocalRedirectResult Done(string text)
    {
        TempData["Done"] = text;
        return LocalRedirect("/status");
    }
}
