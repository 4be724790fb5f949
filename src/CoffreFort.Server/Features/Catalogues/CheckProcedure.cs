using CoffreFort.EventStore;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.AccessRequests;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Catalogues;

/// <summary>The holder sees, before anybody asks, what a procedure would find in their vault: complete, stale, missing, not due.</summary>
public static class CheckProcedure
{
    // The years that period labels know: months can be counted from any of their days, forward and back.
    private const int FirstYear = 1900;
    private const int LastYear = 2999;

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/procedures/{code}/check", Get).RequireAuthorization(Policies.HolderOrHelper)
        .WithSummary("What a procedure would find in a vault on a day").Produces<CheckView>();

    private static async Task<IResult> Get(
        string code, Guid? vault, DateOnly? asOf, string[]? situation, Person person, VaultFinder vaults, VaultEvidence evidence,
        EvidenceCatalogue catalogue, Journal journal, CancellationToken cancellation)
    {
        var own = vault is { } id ? await vaults.FindAsync(id, cancellation) : await vaults.OfHolderAsync(person.Id, cancellation);
        if (own?.Holder != person.Id || catalogue.FindProcedure(code) is not { } procedure) return Problems.Result(Refusal.NotFound);
        var flags = situation ?? [];
        if (SituationFlags.Refuse(flags, catalogue) is { } refusal) return Problems.Result(refusal);
        if (asOf is { Year: < FirstYear or > LastYear }) return Problems.Result(DayOutOfRange);
        var day = asOf ?? FrenchCalendar.DayOf(await journal.NowAsync(cancellation));
        var held = await evidence.OfAsync(own.Vault, AskedTypes.Of(procedure.Requirement), cancellation);
        var evaluation = Requirements.Evaluate(procedure, [.. held.Where(one => one.IsLatest).Select(one => one.Held)], Situation.Of(flags), day);
        return Results.Ok(new CheckView(procedure.Code, own.Vault, day, evaluation.Complete, await evidence.DescribeAsync(own.Vault, evaluation, held, cancellation)));
    }

    private static Refusal DayOutOfRange { get; } = new("day-out-of-range", "Le jour demandé doit se situer entre 1900 et 2999.", 422);
}

/// <param name="AsOf">The day that it is judged on.</param>
/// <param name="Complete">Nothing due is stale or missing.</param>
public sealed record CheckView(string Procedure, Guid Vault, DateOnly AsOf, bool Complete, IReadOnlyList<PieceView> Pieces);
