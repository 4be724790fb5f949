using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Catalogues;

/// <summary>Anybody signed in sees which kinds of evidence there are, how they are dated, and what each rule rests on.</summary>
public static class ListEvidenceTypes
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/evidence-types", Get).RequireAuthorization(Policies.SignedIn)
        .WithSummary("The evidence types of the catalogue").Produces<EvidenceTypesView>();

    private static IResult Get(EvidenceCatalogue catalogue) =>
        Results.Ok(new EvidenceTypesView(catalogue.EvidenceTypes, null, catalogue.EvidenceTypesVersion, catalogue.Events));
}

/// <param name="Items">All of them: the catalogue is one page.</param>
/// <param name="Version">As the catalogue states it of itself.</param>
/// <param name="Events">Events in a life that can make evidence wrong.</param>
public sealed record EvidenceTypesView(IReadOnlyList<EvidenceType> Items, string? Next, string Version, IReadOnlyList<LifeEvent> Events);
