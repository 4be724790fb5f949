using CoffreFort.EventStore;
using CoffreFort.Server.Views;
using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>
/// Builds every view anew from the journal, in temporary tables of a transaction that is rolled back, up to where its cursor stands in the same snapshot, and compares the two as sets.
/// </summary>
internal sealed class ViewCheck(NpgsqlDataSource database, Journal journal, IEnumerable<ISubscription> subscriptions, IntegrityReport report)
{
    private const int PageSize = 1000;

    private const string CursorsSql = "select name, last_seq_id, (select size from coffrefort.journal_head) from coffrefort.mt_event_progression";

    private readonly List<ISubscription> _all = [.. subscriptions];

    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var snapshot = await ReadSnapshot.BeginAsync(database, cancellation);
        var transaction = await snapshot.JoinAsync(cancellation);
        await using var connection = transaction.Connection!;
        var rows = new ViewRows(snapshot, connection, transaction, report);
        var cursors = await CursorsAsync(rows, cancellation);
        await rows.ExecuteAsync("set local search_path = pg_temp", cancellation);
        var folds = new List<ViewFold>();
        foreach (var subscription in _all.Where(subscription => cursors.ContainsKey(subscription.Name)))
        {
            if (!await rows.IsOfThisVersionAsync(subscription, cancellation) || subscription is not Projection view) continue;

            await view.PrepareAsync(connection, cancellation);
            folds.Add(new ViewFold(view, cursors[view.Name], await rows.SkipsAsync(view, cancellation), connection, transaction, report));
        }

        if (!await TryFoldAsync(folds, cancellation)) return;
        foreach (var table in folds.Where(fold => !fold.Broken).SelectMany(fold => fold.View.Tables))
        {
            if (rows.Lost) report.Unchecked(Areas.Views, table, "was not compared, since PostgreSQL gave up on another one");
            else await rows.CompareAsync(table, cancellation);
        }
    }

    /// <summary>Whether every event could be read; where one can't, nothing can be said of any view.</summary>
    private async Task<bool> TryFoldAsync(List<ViewFold> folds, CancellationToken cancellation)
    {
        try
        {
            await FoldAsync(folds, cancellation);
            return true;
        }
        // Such as a time that PostgreSQL can hold and .NET can't. A lost connection is an outage, and no finding.
        catch (Exception unreadable) when (ReadSnapshot.IsDamage(unreadable) || unreadable is PostgresException { IsTransient: false })
        {
            report.Damaged(Areas.Views, "mt_events", $"holds an event that can't be read, so that no view can be built anew: {ReadSnapshot.ReasonOf(unreadable)}");
            return false;
        }
    }

    private async Task FoldAsync(List<ViewFold> folds, CancellationToken cancellation)
    {
        var until = folds.Count == 0 ? 0 : folds.Max(fold => fold.Until);
        var page = new List<StoredEvent>(PageSize);
        await foreach (var stored in journal.ReadAllAsync(0, until, cancellation))
        {
            page.Add(stored);
            if (page.Count < PageSize) continue;
            await ApplyAsync();
        }

        await ApplyAsync();

        async Task ApplyAsync()
        {
            if (page.Count == 0) return;
            foreach (var fold in folds) await fold.ApplyAsync(page, cancellation);
            report.Progress(Areas.Views, page[^1].Position, until);
            page.Clear();
        }
    }

    /// <summary>How far each view has come. One that lags is no finding; one that stands where no journal is, is.</summary>
    private async Task<Dictionary<string, long>> CursorsAsync(ViewRows rows, CancellationToken cancellation)
    {
        var cursors = new Dictionary<string, long>();
        await foreach (var (name, position, size) in rows.ReadAsync("mt_event_progression", CursorsSql, row => (row.GetString(0), row.GetInt64(1), row.GetInt64(2)), cancellation))
        {
            if (_all.Any(subscription => subscription.Name == name)) cursors.Add(name, Math.Clamp(position, 0, size));
            else if (!name.EndsWith("~next", StringComparison.Ordinal)) report.Garbage(Areas.Views, $"mt_event_progression name={name}", "no view of this program is called so");
            if (position < 0 || position > size) report.Damaged(Areas.Views, $"mt_event_progression name={name}", $"stands at {position} of {size} events");
        }

        foreach (var view in _all.OfType<Projection>().Where(view => !cursors.ContainsKey(view.Name)))
        {
            if (await rows.ExistsAsync(view.Tables[0], cancellation))
                report.Damaged(Areas.Views, $"mt_event_progression name={view.Name}", "is missing, though the view's table is there");
        }

        // What has no tables is known by its other row.
        await foreach (var name in rows.ReadAsync("subscriptions", "select name from coffrefort.subscriptions", row => row.GetString(0), cancellation))
        {
            if (!cursors.ContainsKey(name) && _all.Any(subscription => subscription.Name == name && subscription is not Projection))
                report.Damaged(Areas.Views, $"mt_event_progression name={name}", "is missing, though its subscription is there");
        }

        return cursors;
    }
}
