using CoffreFort.EventStore;
using CoffreFort.Server.Views;
using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>One view on its way from nothing to where its cursor stands.</summary>
internal sealed class ViewFold(
    Projection view, long until, IReadOnlySet<long> skips, NpgsqlConnection connection, NpgsqlTransaction transaction, IntegrityReport report)
{
    private const string Savepoint = "page";

    public Projection View => view;

    public long Until => until;

    /// <summary>An event could not be applied: nothing can be said of the view.</summary>
    public bool Broken { get; private set; }

    public async Task ApplyAsync(IReadOnlyList<StoredEvent> page, CancellationToken cancellation)
    {
        if (Broken) return;
        var due = page.Where(stored => stored.Position <= until && !skips.Contains(stored.Position)).ToList();
        if (due.Count == 0 || await TryAsync(due, cancellation) is null) return;
        // Which one it was is found by taking them one by one.
        foreach (var stored in due)
        {
            if (await TryAsync([stored], cancellation) is not { } reason) continue;
            report.Damaged(Areas.Views, view.Name, $"can't be built anew: event {stored.Position} can't be applied ({reason})");
            Broken = true;
            return;
        }
    }

    private async Task<string?> TryAsync(List<StoredEvent> events, CancellationToken cancellation)
    {
        await transaction.SaveAsync(Savepoint, cancellation);
        try
        {
            await view.ApplyAsync(events, connection, cancellation);
            await transaction.ReleaseAsync(Savepoint, cancellation);
            return null;
        }
        catch (Exception failure) when (connection.FullState.HasFlag(System.Data.ConnectionState.Open) && failure is not OperationCanceledException)
        {
            await transaction.RollbackAsync(Savepoint, cancellation);
            return failure is PostgresException reported ? reported.SqlState : failure.GetType().Name;
        }
    }
}
