using CoffreFort.EventStore;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>What erasing adds to the application.</summary>
internal static class Wiring
{
    public static IServiceCollection AddErasures(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(new ErasureSettings(configuration)).AddSingleton<KeyDestruction>().AddSingleton<ErasedRests>().AddSingleton<CarryOutErasure>();
        services.AddSingleton<ISubscription, ErasureList>().AddSingleton<ErasureFinder>().AddScoped<ErasureReader>().AddSingleton<ErasureCertificate>();
        return services.AddSingleton<ErasureClock>().AddHostedService(provider => provider.GetRequiredService<ErasureClock>());
    }

    public static void MapErasures(this IEndpointRouteBuilder api)
    {
        EraseDocument.Map(api);
        CancelDocumentErasure.Map(api);
        EraseVault.Map(api);
        CancelVaultErasure.Map(api);
        SeeErasures.Map(api);
        ErasureCertificate.Map(api);
        PlaceLegalHold.Map(api);
        LiftLegalHold.Map(api);
    }
}
