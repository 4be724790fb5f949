using Azure.Storage.Blobs;
using CoffreFort.Server.Edges.Blobs;
using Microsoft.Extensions.Configuration;

namespace CoffreFort.IntegrationTests;

/// <summary>Stores and clients over Azurite.</summary>
internal static class AzuriteStores
{
    /// <summary>Its own address, without an account.</summary>
    public static Uri Address(this Azurite azurite) => new(new BlobServiceClient(azurite.ConnectionString).Uri.GetLeftPart(UriPartial.Authority));

    /// <summary>As the server reaches it, but with short pauses between tries.</summary>
    /// <param name="azurite">Azurite.</param>
    /// <param name="container">The container's name; it need not be there.</param>
    /// <param name="address">Of a proxy in front, in the place of Azurite's own.</param>
    /// <param name="configure">More options.</param>
    public static BlobContainerClient Connect(this Azurite azurite, string container, Uri? address = null, Action<BlobClientOptions>? configure = null)
    {
        var connection = address is null ? azurite.ConnectionString : azurite.ConnectionString.Replace(azurite.Address().ToString(), address.ToString(), StringComparison.Ordinal);
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Blobs:Azure:ConnectionString", connection), new("Blobs:Azure:Container", container)]).Build();
        return AzureBlobSettings.Read(settings)!.Connect(options =>
        {
            (options.Retry.Delay, options.Retry.MaxDelay) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(10));
            configure?.Invoke(options);
        });
    }

    /// <summary>A store over a container of its own.</summary>
    public static async Task<AzureBlobStore> NewStoreAsync()
    {
        var store = new AzureBlobStore((await Azurite.Shared).Connect(Azurite.NewContainer()));
        await store.OpenAsync();
        return store;
    }
}
