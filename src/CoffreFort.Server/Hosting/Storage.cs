using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Edges.KeyVault;
using CoffreFort.Server.Edges.Webhooks;
using CoffreFort.Server.Edges.Witness;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Operations.Integrity;
using CoffreFort.Server.Outbox;
using CoffreFort.Server.Views;
using Npgsql;

namespace CoffreFort.Server.Hosting;

/// <summary>The journal, the keys and the blobs: what everything else stands on. Nothing is reached before it is asked for.</summary>
public static class Storage
{
    public static WebApplicationBuilder AddStorage(this WebApplicationBuilder builder, string data)
    {
        var services = builder.Services;
        var connections = builder.Configuration;
        var offset = connections.Read("Journal:ClockOffset", TimeSpan.Zero);
        services.AddSingleton(_ => Pool(connections, "Journal"));
        services.AddSingleton(_ => new KeyDatabase(Pool(connections, "Keys", stateless: true)));
        services.AddRootKey(connections, data);
        services.AddWitnesses(connections);
        services.AddSingleton(provider => new Journal(provider.GetRequiredService<NpgsqlDataSource>(), JournalEvents.Registry, new JournalOptions
        {
            ClockOffset = offset,
        }));
        services.AddCheckpoints(builder.Configuration);
        services.AddSingleton(EpochEndSettings.From(connections)).AddSingleton<EpochKeys>().AddSingleton<KeyActs>().AddSingleton<VaultKeyReplacement>().AddSingleton<EpochRotation>().AddSingleton<VaultRotation>().AddSingleton<KeyClock>().AddSingleton<KeyStore>().AddScoped<RequestKeys>();
        services.AddSingleton<ActRunner>().AddSingleton<ViewDatabase>().AddScoped<ReadPosition>().AddHttpContextAccessor();
        services.AddSingleton(Subscriptions);
        // In this order: the databases are made before anything reads them.
        services.AddSingleton<StartTurn>().AddHostedService<Preparation>().AddBlobs(connections, data).AddCheckpointWorkers().AddHostedService<ViewWorker>();
        services.AddSingleton<RebuildQueue>().AddHostedService(provider => provider.GetRequiredService<RebuildQueue>());
        services.AddSingleton<FindReferencedBlobs>(provider => ActivatorUtilities.CreateInstance<ReferencedBlobs>(provider).FindAsync);
        services.AddSingleton<ForgetSweptBlobs>(provider => provider.GetRequiredService<KeyDestruction>().UploadsAsync).AddHostedService<BlobSweeper>();
        services.AddSingleton<SweepRecord>().AddSingleton<IntegritySweep>().AddHostedService(provider => provider.GetRequiredService<IntegritySweep>());
        services.AddHostedService(provider => provider.GetRequiredService<KeyClock>()).AddSingleton<IReadinessPart, KeyReadiness>();
        services.AddSingleton<ProblemRecord>().AddSingleton<Readiness>().AddSingleton<IReadinessPart, JournalReadiness>().AddSingleton<IReadinessPart, BlobReadiness>();
        services.AddSingleton<IReadinessPart, ViewReadiness>().AddSingleton<IReadinessPart, OutboxReadiness>().AddSingleton<IReadinessPart, SweepReadiness>().AddSingleton<IReadinessPart, LogReadiness>();
        AddOutbox(builder);
        return builder;
    }

    private static void AddOutbox(WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var options = OutboxOptions.From(builder.Configuration);
        services.AddSingleton<MessageOutbox>().AddSingleton(options);
        if (builder.Configuration["Alerts:Url"] is { Length: > 0 } url)
            services.AddSingleton<IMessageSender>(_ => new WebhookSender(Alert.Destination, new Uri(url, UriKind.Absolute), builder.Configuration["Alerts:Secret"] ?? "", options.Timeout));
        services.AddHostedService<OutboxWorker>();
    }

    private static Subscriptions Subscriptions(IServiceProvider provider)
    {
        Subscriptions? made = null;
        var journal = provider.GetRequiredService<Journal>();
        var options = new SubscriptionOptions
        {
            Renew = (view, how, cancellation) => RebuildView.Handle(view, how, Actor.Clockwork("view-version"), journal, made!, cancellation),
            Stopped = new ViewLog(provider.GetRequiredService<ILogger<ViewLog>>()).Tell,
        };
        if (provider.GetRequiredService<IConfiguration>()["Node"] is { Length: > 0 } node) options = options with { Node = node };
        return made = new Subscriptions(journal, provider.GetRequiredService<NpgsqlDataSource>(), provider.GetServices<ISubscription>(), options);
    }

    /// <summary>Few enough that several nodes and an operator fit into PostgreSQL's usual hundred connections; a request waits for its turn.</summary>
    private static NpgsqlDataSource Pool(IConfiguration configuration, string name, bool stateless = false) => Pool(name, Required(configuration, name), most: 40, stateless);

    /// <summary>The connections of a database's owner, who makes its tables.</summary>
    /// <exception cref="SettingsException">The connection string can't be read.</exception>
    internal static NpgsqlDataSource Owner(string name, string connection) => Pool(name, connection, most: 2);

    /// <param name="name">The setting.</param>
    /// <param name="connection">Its value.</param>
    /// <param name="most">How many connections.</param>
    /// <param name="stateless">Nobody leaves anything in a session (only transactions' own settings and locks): it need not be reset between two users, which costs as much as looking up a key.</param>
    private static NpgsqlDataSource Pool(string name, string connection, int most, bool stateless = false)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connection);
            if (!settings.ContainsKey("Maximum Pool Size")) settings.MaxPoolSize = most;
            settings.NoResetOnClose = stateless;
            return NpgsqlDataSource.Create(settings);
        }
        catch (ArgumentException malformed)
        {
            throw new SettingsException($"The connection string of ConnectionStrings__{name} can't be read.", malformed);
        }
    }

    internal static string Required(IConfiguration configuration, string name) => configuration.GetConnectionString(name)
        ?? throw new SettingsException($"The connection string '{name}' is missing: set ConnectionStrings__{name} (scripts/run does).");
}
