using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Catalogues;

/// <summary>Anybody signed in sees what each procedure asks, who may ask it, and on what ground.</summary>
public static class ListProcedures
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/procedures", Get).RequireAuthorization(Policies.SignedIn)
        .WithSummary("The procedures of the catalogue, with what each requires").Produces<ProceduresView>();

    private static IResult Get(EvidenceCatalogue catalogue) => Results.Ok(new ProceduresView(
        catalogue.Procedures, null, catalogue.ProceduresVersion, catalogue.Situations, catalogue.Deadlines));
}

/// <param name="Items">All of them: the catalogue is one page. A requirement is an expression over evidence types.</param>
/// <param name="Version">As the catalogue states it of itself.</param>
/// <param name="Situations">The flags that requirements depend on.</param>
/// <param name="DeadlinesAfterMutation">What is to be done after a move, and by when.</param>
public sealed record ProceduresView(
    IReadOnlyList<Procedure> Items, string? Next, string Version, IReadOnlyList<SituationFlag> Situations, IReadOnlyList<MutationDeadline> DeadlinesAfterMutation);
