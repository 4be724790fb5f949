using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Edges.Timestamps;
using Npgsql;

namespace CoffreFort.Server.Checkpoints;

/// <summary>What publishes the log, and what looks before it starts that the journal is still the published one.</summary>
public static class Wiring
{
    public static IServiceCollection AddCheckpoints(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(LogSettings.From(configuration));
        services.AddSingleton(provider => new LogKeys(new Lazy<FileKeyring>(provider.GetRequiredService<FileKeyring>, LazyThreadSafetyMode.PublicationOnly)));
        services.AddSingleton(provider => new JournalCheckpoints(provider.GetRequiredService<NpgsqlDataSource>()));
        services.AddSingleton<JournalTree>().AddSingleton<BegunLog>().AddSingleton<ForkGuard>().AddSingleton<Checkpointer>().AddTransient<Publication>().AddSingleton<LogStatus>();
        if (TimestampSettings.From(configuration) is not { } authority) return services;
        services.AddSingleton(authority).AddSingleton<Sealer>();
        services.AddSingleton<ITimestampAuthority>(_ => new HttpTimestampAuthority(authority.Address, HttpTimestampAuthority.Client(authority.Timeout)));
        return services.AddHostedService(provider => provider.GetRequiredService<Sealer>());
    }

    /// <summary>After the databases are made, before anything serves.</summary>
    public static IServiceCollection AddCheckpointWorkers(this IServiceCollection services) =>
        services.AddHostedService<ForkGuardAtStart>().AddHostedService(provider => provider.GetRequiredService<Checkpointer>());
}
