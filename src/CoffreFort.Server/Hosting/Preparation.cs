using CoffreFort.EventStore;
using CoffreFort.Server.Keys;
using Npgsql;

namespace CoffreFort.Server.Hosting;

/// <summary>
/// Before the first request: makes the databases' tables when an owner's connection is given, and refuses to serve with a role that
/// could rewrite the journal.
/// </summary>
public sealed class Preparation(IConfiguration configuration, NpgsqlDataSource journal) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (configuration.GetConnectionString("JournalOwner") is { Length: > 0 } journalOwner)
        {
            await using var owner = NpgsqlDataSource.Create(journalOwner);
            await JournalSchema.MigrateAsync(owner, cancellationToken);
        }

        if (configuration.GetConnectionString("KeysOwner") is { Length: > 0 } keysOwner)
        {
            await using var owner = NpgsqlDataSource.Create(keysOwner);
            await KeyDatabase.MigrateAsync(owner, cancellationToken);
        }

        if (await JournalSchema.CanRewriteEventsAsync(journal, cancellationToken))
        {
            throw new InvalidOperationException(
                "The role of ConnectionStrings__Journal may update or delete events. Serve requests with a role that can't (coffrefort_app).");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
