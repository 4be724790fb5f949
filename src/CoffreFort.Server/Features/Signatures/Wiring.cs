using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Demo;

namespace CoffreFort.Server.Features.Signatures;

/// <summary>What the check of issuers' signatures adds.</summary>
internal static class Wiring
{
    public static IServiceCollection AddSignatures(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(provider => IssuerList.Load(DemoIssuer.FolderOf(configuration) ?? configuration["Issuers:Folder"], provider.GetRequiredService<EvidenceCatalogue>()));
        return services.AddScoped<SignatureCheck>().AddScoped<KeptSignature>().AddHostedService<IssuersAtStart>();
    }

    /// <summary>A list that can't be read ends the start, and not the first deposit.</summary>
    private sealed class IssuersAtStart(IssuerList list, ILogger<IssuersAtStart> log) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            if (list.Issuers.Count > 0) log.LogInformation("Signatures of {Count} issuers are recognised", list.Issuers.Count);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
