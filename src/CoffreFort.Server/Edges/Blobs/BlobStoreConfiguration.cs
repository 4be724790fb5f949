namespace CoffreFort.Server.Edges.Blobs;

/// <summary>Which store keeps the blobs: files under the data folder, or Azure where it is set.</summary>
public static class BlobStoreConfiguration
{
    public static IServiceCollection AddBlobs(this IServiceCollection services, IConfiguration configuration, string data)
    {
        services.AddSingleton(provider => new FileBlobStore(Path.Combine(data, "blobs"), provider.GetService<ILogger<FileBlobStore>>()));
        if (AzureBlobSettings.Read(configuration) is not { } azure) return services.AddSingleton<IBlobStore>(provider => provider.GetRequiredService<FileBlobStore>());
        services.AddSingleton(_ => new AzureBlobStore(azure.Connect())).AddHostedService<AzureBlobsAtStart>();
        return services.AddSingleton<IBlobStore>(provider => provider.GetRequiredService<AzureBlobStore>());
    }
}
