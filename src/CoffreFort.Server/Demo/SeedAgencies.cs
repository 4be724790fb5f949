using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Keys;

namespace CoffreFort.Server.Demo;

/// <summary>The demo's agencies, their clerks, and a habilitation for each procedure of the catalogue that their kind may deal with.</summary>
public sealed class SeedAgencies(ActRunner acts, KeyStore keys, RequestKeys request, EvidenceCatalogue catalogue)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        var actor = Actor.Clockwork("demo-seed");
        foreach (var demo in Agencies.All)
        {
            Seed.Require(await RegisterAgency.Handle(demo.Id, demo.Agency, actor with { IdempotencyKey = $"seed {demo.Id}" }, acts, keys, cancellation));
            Seed.Require(await AppointClerk.Handle(
                demo.Id, demo.Clerk.Id, demo.Clerk.Name, actor with { IdempotencyKey = $"seed {demo.Id} {demo.Clerk.Key}" }, acts, request, cancellation));
            foreach (var procedure in catalogue.Procedures.Where(procedure => procedure.AgencyKinds.Any(kind => NameOf(kind) == demo.Agency.Kind)))
                Seed.Require(await DeclareProcedure.Handle(
                    demo.Id, new DeclareProcedure(procedure.Code), actor with { IdempotencyKey = $"seed {demo.Id} {procedure.Code}" }, acts, catalogue, cancellation));
        }
    }

    private static string NameOf(AgencyKind kind) => kind switch
    {
        AgencyKind.Atlas => Agency.AtlasKind,
        AgencyKind.Caf => "caf",
        AgencyKind.TownHall => "town-hall",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
