using CoffreFort.Server.Features.Agencies;

namespace CoffreFort.Server.Demo;

/// <summary>The agencies of the demo's story. Their ids never change: the seed, the tests and the browser journeys count on them.</summary>
public static class Agencies
{
    public static DemoAgency CafVar { get; } = Of(1, new("CAF du Var", "caf"), Personas.ClerkCaf);
    public static DemoAgency TownBrest { get; } = Of(2, new("Mairie de Brest", "town-hall"), Personas.ClerkTown);
    public static DemoAgency AtlasToulon { get; } = Of(3, new("Espace ATLAS de Toulon", Agency.AtlasKind, "TLN-83", "Toulon"), Personas.AtlasToulon);
    public static DemoAgency AtlasBrest { get; } = Of(4, new("Espace ATLAS de Brest", Agency.AtlasKind, "BST-29", "Brest"), Personas.AtlasBrest);

    public static IReadOnlyList<DemoAgency> All { get; } = [CafVar, TownBrest, AtlasToulon, AtlasBrest];

    private static DemoAgency Of(int number, RegisterAgency agency, Persona clerk) =>
        new(Guid.Parse($"01980000-a9e0-7c00-8000-{number:d12}"), agency, clerk);
}

/// <summary>An agency of the demo with the persona who acts for it.</summary>
public sealed record DemoAgency(Guid Id, RegisterAgency Agency, Persona Clerk);
