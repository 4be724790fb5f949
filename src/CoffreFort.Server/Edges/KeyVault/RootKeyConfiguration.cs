using Azure.Core;
using CoffreFort.Cryptography;

namespace CoffreFort.Server.Edges.KeyVault;

/// <summary>Where the root keys are: in files under the data folder, or in Azure Key Vault where that is set. The keys that sign the log stay in the files.</summary>
internal static class RootKeyConfiguration
{
    public static IServiceCollection AddRootKey(this IServiceCollection services, IConfiguration configuration, string data)
    {
        services.AddSingleton(_ => FileKeyring.OpenOrCreate(Path.Combine(data, "keyring")));
        if (KeyVaultSettings.Read(configuration) is not { } settings) return services.AddSingleton<IRootKey>(provider => provider.GetRequiredService<FileKeyring>());
        services.AddSingleton(settings);
        services.AddSingleton(provider => new KeyVaultClient(settings, provider.GetService<TokenCredential>() ?? settings.Identity(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new KeyVaultRootKey(
            provider.GetRequiredService<KeyVaultClient>(), settings, provider.GetRequiredService<FileKeyring>, provider.GetRequiredService<TimeProvider>()));
        return services.AddSingleton<IRootKey>(provider => provider.GetRequiredService<KeyVaultRootKey>()).AddHostedService<KeyVaultAtStart>();
    }
}
