using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Sealing;

/// <summary>What seals receipts and sealed copies.</summary>
public static class Wiring
{
    public static IServiceCollection AddSeal(this IServiceCollection services) => services
        .AddSingleton(provider => new ServerSeal(
            new Lazy<FileKeyring>(provider.GetRequiredService<FileKeyring>, LazyThreadSafetyMode.PublicationOnly),
            provider.GetRequiredService<Journal>(), provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<SealTimestamps>().AddSingleton<IReadinessPart, SealReadiness>();
}
