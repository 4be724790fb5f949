using System.Text.RegularExpressions;
using Azure.Core;
using Azure.Identity;
using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Edges.KeyVault;

/// <summary>
/// The Azure Key Vault that holds the root keys: <c>Keys:Azure:Vault</c> is its address, entered as a managed or workload identity. Without it root keys are files.
/// </summary>
public sealed partial class KeyVaultSettings
{
    private const string Section = "Keys:Azure";
    private static readonly string[] Known = [nameof(Vault), nameof(ClientId), nameof(Prefix), nameof(PlainLoopback)];

    private KeyVaultSettings(Uri vault, string? clientId, string prefix, bool plain) => (Vault, ClientId, Prefix, PlainLoopback) = (vault, clientId, prefix, plain);

    /// <summary>Its address, such as <c>https://NAME.vault.azure.net/</c>.</summary>
    public Uri Vault { get; }

    /// <summary>Of a user-assigned identity; the system-assigned one if not set.</summary>
    public string? ClientId { get; }

    /// <summary>The keys are called <c>PREFIX-root</c> and <c>PREFIX-202611</c>.</summary>
    public string Prefix { get; }

    /// <summary>Plain http, for a stand-in on this machine; refused for any other.</summary>
    public bool PlainLoopback { get; }

    /// <summary>What a token must be for: the service that the vault belongs to, never what an answer asks for.</summary>
    public string Scope => $"https://{(PlainLoopback ? "vault.azure.net" : Vault.Host[(Vault.Host.IndexOf('.', StringComparison.Ordinal) + 1)..])}/.default";

    /// <returns>Null when nothing of it is set.</returns>
    /// <exception cref="SettingsException">Something is set that can't be meant; the message says what to set.</exception>
    public static KeyVaultSettings? Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        if (!section.Exists()) return null;
        if (section.GetChildren().FirstOrDefault(child => !Known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw Wrong(unknown.Key, $"is not a setting; there are {string.Join(", ", Known)}.");
        if (section[nameof(Vault)] is not { Length: > 0 } address) throw Wrong(nameof(Vault), "is missing: the vault's address, such as https://NAME.vault.azure.net/.");
        if (!bool.TryParse(section[nameof(PlainLoopback)] ?? "false", out var plain)) throw Wrong(nameof(PlainLoopback), "must be true or false.");
        var client = section[nameof(ClientId)] is { Length: > 0 } id ? id : null;
        if (client is not null && !Guid.TryParse(client, out _)) throw Wrong(nameof(ClientId), "must be the client id of a user-assigned identity, a GUID.");
        var prefix = section[nameof(Prefix)] is { Length: > 0 } named ? named : "coffrefort";
        if (!KeyName().IsMatch(prefix)) throw Wrong(nameof(Prefix), "must be letters, digits and hyphens, at most 100 of them.");
        return new KeyVaultSettings(Address(address, plain), client, prefix, plain);
    }

    /// <summary>Identities of machines only: a server must not turn out to be whoever once signed in beside it.</summary>
    public TokenCredential Identity() => new ChainedTokenCredential(
        new WorkloadIdentityCredential(new WorkloadIdentityCredentialOptions { ClientId = ClientId ?? Environment.GetEnvironmentVariable("AZURE_CLIENT_ID") }),
        new ManagedIdentityCredential(ClientId is null ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(ClientId)));

    private static Uri Address(string address, bool plain)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var vault) || vault.AbsolutePath != "/" || vault.Query.Length > 0 || vault.Fragment.Length > 0 || vault.UserInfo.Length > 0)
            throw Wrong(nameof(Vault), "must be a vault's address and nothing behind it, such as https://NAME.vault.azure.net/.");
        if (plain && !(vault.Scheme == Uri.UriSchemeHttp && vault.IsLoopback)) throw Wrong(nameof(PlainLoopback), "is for a stand-in on this machine (http://127.0.0.1:…) alone.");
        if (!plain && (vault.Scheme != Uri.UriSchemeHttps || !vault.Host.Contains('.', StringComparison.Ordinal))) throw Wrong(nameof(Vault), "must be an https address, such as https://NAME.vault.azure.net/.");
        return vault;
    }

    private static SettingsException Wrong(string setting, string why) => new($"{Section}:{setting} {why}");

    [GeneratedRegex("^[0-9a-zA-Z-]{1,100}$", RegexOptions.CultureInvariant)]
    private static partial Regex KeyName();
}
