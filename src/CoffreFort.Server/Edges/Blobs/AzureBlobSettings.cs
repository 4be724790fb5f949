using System.Text.RegularExpressions;
using Azure.Core;
using Azure.Identity;
using Azure.Storage.Blobs;

namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// Where the blobs are in Azure, and as whom: <c>Blobs:Azure:Container</c> is a container's address, entered as a managed or workload identity; or, for Azurite on this
/// machine alone, its name beside <c>Blobs:Azure:ConnectionString</c>.
/// </summary>
public sealed partial class AzureBlobSettings
{
    private const string Section = "Blobs:Azure";
    private static readonly string[] Known = [nameof(Container), nameof(ConnectionString), nameof(ClientId)];

    private AzureBlobSettings(string container, string? connectionString, string? clientId) =>
        (Container, ConnectionString, ClientId) = (container, connectionString, clientId);

    public string Container { get; }

    public string? ConnectionString { get; }

    /// <summary>Of a user-assigned identity; the system-assigned one if not set.</summary>
    public string? ClientId { get; }

    /// <returns>Null when nothing of Azure is set: then blobs are files.</returns>
    /// <exception cref="InvalidOperationException">Something is set that can't be meant; the message says what to set.</exception>
    public static AzureBlobSettings? Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        if (!section.Exists()) return null;
        if (section.GetChildren().FirstOrDefault(child => !Known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw Wrong(unknown.Key, $"is not a setting; there are {string.Join(", ", Known)}.");
        var (container, connection, client) = (section[nameof(Container)], section[nameof(ConnectionString)], section[nameof(ClientId)]);
        if (string.IsNullOrEmpty(container))
            throw Wrong(nameof(Container), "is missing: the container's address, such as https://account.blob.core.windows.net/coffrefort.");
        if (string.IsNullOrEmpty(connection)) CheckAddress(container, client);
        else CheckConnection(connection, container, client);
        return new AzureBlobSettings(container, string.IsNullOrEmpty(connection) ? null : connection, string.IsNullOrEmpty(client) ? null : client);
    }

    /// <param name="configure">Tests shorten pauses, and put other transports in.</param>
    public BlobContainerClient Connect(Action<BlobClientOptions>? configure = null)
    {
        var options = new BlobClientOptions
        {
            Retry = { MaxRetries = 4, Delay = TimeSpan.FromMilliseconds(400), MaxDelay = TimeSpan.FromSeconds(5), NetworkTimeout = TimeSpan.FromSeconds(30) },
            // Addresses of blobs outlive their erasure in a log.
            Diagnostics = { IsLoggingEnabled = false, IsTelemetryEnabled = false },
        };
        options.AddPolicy(new AzureErasure.PermanentDeletion(), HttpPipelinePosition.PerCall);
        configure?.Invoke(options);
        return ConnectionString is null
            ? new BlobContainerClient(new Uri(Container), Identity(), options)
            : new BlobContainerClient(ConnectionString, Container, options);
    }

    /// <summary>Identities of machines only: a server must not turn out to be whoever once signed in beside it.</summary>
    private ChainedTokenCredential Identity() => new(
        new WorkloadIdentityCredential(new WorkloadIdentityCredentialOptions { ClientId = ClientId ?? Environment.GetEnvironmentVariable("AZURE_CLIENT_ID") }),
        new ManagedIdentityCredential(ClientId is null ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(ClientId)));

    private static void CheckAddress(string container, string? client)
    {
        if (!Uri.TryCreate(container, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps || address.UserInfo.Length > 0 || address.Fragment.Length > 0)
            throw Wrong(nameof(Container), "must be an https address, such as https://account.blob.core.windows.net/coffrefort; for Azurite set ConnectionString too.");
        if (address.Query.Length > 0)
            throw Wrong(nameof(Container), "must not carry a signature (SAS): it would be in every copy of the settings. CoffreFort enters as a managed identity.");
        if (!ContainerName().IsMatch(address.AbsolutePath.Trim('/')))
            throw Wrong(nameof(Container), "must end in one container's name: 3 to 63 lower-case letters, digits and single hyphens.");
        if (!string.IsNullOrEmpty(client) && !Guid.TryParse(client, out _))
            throw Wrong(nameof(ClientId), "must be the client id of a user-assigned identity, a GUID.");
    }

    private static void CheckConnection(string connection, string container, string? client)
    {
        Uri address;
        try
        {
            address = new BlobServiceClient(connection).Uri;
        }
        catch (Exception unreadable) when (unreadable is FormatException or ArgumentException or InvalidOperationException)
        {
            // Not the reason, which may repeat the key.
            throw Wrong(nameof(ConnectionString), "can't be read: BlobEndpoint=…;AccountName=…;AccountKey=….");
        }

        if (!address.IsLoopback)
            throw Wrong(nameof(ConnectionString), $"is for Azurite on this machine, not for {address.Host}: an account's key opens everything in it, for ever. Set Container to the container's address, and give the server's managed identity the role Storage Blob Data Contributor on it.");
        if (!ContainerName().IsMatch(container))
            throw Wrong(nameof(Container), "must be a container's name beside a connection string: 3 to 63 lower-case letters, digits and single hyphens.");
        if (!string.IsNullOrEmpty(client))
            throw Wrong(nameof(ClientId), "goes with a container's address, not with a connection string.");
    }

    private static InvalidOperationException Wrong(string setting, string why) => new($"{Section}:{setting} {why}");

    [GeneratedRegex("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.CultureInvariant)]
    private static partial Regex ContainerName();
}
