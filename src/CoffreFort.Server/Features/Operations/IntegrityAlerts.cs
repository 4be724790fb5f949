using CoffreFort.EventStore;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Outbox;
using Npgsql;

namespace CoffreFort.Server.Features.Operations;

/// <summary>A stored content that turned out damaged is told to the operator, in the transaction in which this follows the journal: once, and surely.</summary>
public sealed class IntegrityAlerts(IConfiguration configuration) : ISubscription
{
    public string Name => "integrity_alerts";

    public Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellation) => Task.CompletedTask;

    public async Task ApplyAsync(IReadOnlyList<StoredEvent> events, NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(configuration["Alerts:Url"])) return;
        foreach (var stored in events.Where(stored => stored.Body is IntegrityFailed))
            await MessageOutbox.AddAsync(Alert.Of("integrity-failed", stored.Id.ToString(), stored.Timestamp), connection, cancellation);
    }
}
