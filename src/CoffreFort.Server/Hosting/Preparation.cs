using CoffreFort.EventStore;
using CoffreFort.Server.Keys;
using Microsoft.AspNetCore.DataProtection;
using Npgsql;

namespace CoffreFort.Server.Hosting;

/// <summary>
/// Before the first request: makes the databases' tables when an owner's connection is given, refuses to serve with a role that
/// could rewrite the journal, and makes the keys of cookies and tokens, which all nodes share.
/// </summary>
public sealed class Preparation(
    IConfiguration configuration, NpgsqlDataSource journal, StartTurn turn, IDataProtectionProvider protection, ILogger<Preparation> log) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (configuration.GetConnectionString("JournalOwner") is { Length: > 0 } journalOwner)
        {
            await using var owner = Storage.Owner("JournalOwner", journalOwner);
            await JournalSchema.MigrateAsync(owner, cancellationToken);
        }

        if (configuration.GetConnectionString("KeysOwner") is { Length: > 0 } keysOwner)
        {
            await using var owner = Storage.Owner("KeysOwner", keysOwner);
            await KeyDatabase.MigrateAsync(owner, cancellationToken);
        }

        if (await JournalSchema.CanRewriteEventsAsync(journal, cancellationToken))
        {
            throw new SettingsException(
                "The role of ConnectionStrings__Journal may update or delete events. Serve requests with a role that can't (coffrefort_app).");
        }

        await ShareCookieKeysAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// The first use makes a key where there is none. Nodes that each made their own at the same moment would know the others' only a day later,
    /// and send people from sign-in to sign-in.
    /// </summary>
    private async Task ShareCookieKeysAsync(CancellationToken cancellation)
    {
        await using var alone = await turn.TakeAsync(cancellation);
        try
        {
            protection.CreateProtector(nameof(Preparation)).Protect([]);
        }
#pragma warning disable CA1031 // Whatever is the matter with the keys, each request that needs them says so; documents can't be read then either.
        catch (Exception failure)
        {
            log.LogError(failure, "The keys of cookies and tokens can't be used");
        }
#pragma warning restore CA1031
    }
}
