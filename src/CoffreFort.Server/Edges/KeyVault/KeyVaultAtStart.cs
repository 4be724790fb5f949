using CoffreFort.Cryptography;
using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Edges.KeyVault;

/// <summary>Before anything is served: tries the vault out, and says what is the matter with it or with the server's rights there.</summary>
public sealed class KeyVaultAtStart(KeyVaultRootKey root, KeyVaultSettings settings) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await root.OpenAsync(cancellationToken);
        }
        catch (RootKeyRefused refused)
        {
            throw new SettingsException($"CoffreFort does not start: {refused.Message}", refused);
        }
        catch (CryptographicFailure failure)
        {
            throw new SettingsException($"CoffreFort does not start: what answers at {settings.Vault} (Keys:Azure:Vault) is not a key vault.", failure);
        }
        catch (Unavailable outage)
        {
            throw new Unavailable($"CoffreFort does not start: {outage.Message}", outage);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
