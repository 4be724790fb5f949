using CoffreFort.EventStore;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Consents;

/// <summary>The holder sees their consents, all of them; a clerk sees those that stand for their agency.</summary>
public sealed class SeeConsent(ConsentFinder consents, VaultFinder vaults, AgencyFinder agencies, DueMutations mutations, Journal journal)
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/consents", List).RequireAuthorization(Policies.HolderOrClerk)
            .WithSummary("My consents; for a clerk, those that stand for the agency").Produces<Paged<ConsentView>>();
        api.MapGet("/consents/{id:guid}", Get).RequireAuthorization(Policies.HolderOrClerk).WithSummary("One consent").Produces<ConsentView>();
    }

    /// <summary>The consents that this person may see, after the one named.</summary>
    public async Task<IReadOnlyList<ConsentView>> ListAsync(Person person, Guid? after, int limit, CancellationToken cancellation)
    {
        if (await vaults.OfHolderAsync(person.Id, cancellation) is { } vault)
        {
            await mutations.EnsureAsync(vault.Vault, cancellation);
            return await consents.OfVaultAsync(vault.Vault, after, limit, cancellation);
        }

        var agency = person.Is(Kinds.Clerk) ? await agencies.OfClerkAsync(person.Id, cancellation) : null;
        return agency is null ? [] : await consents.StandingForAsync(agency.Agency, after, limit, cancellation);
    }

    /// <summary>Null when there is none, or it is not this person's to see.</summary>
    public async Task<ConsentView?> FindAsync(Guid id, Person person, CancellationToken cancellation)
    {
        if (await consents.FindAsync(id, cancellation) is not { } view) return null;
        await mutations.EnsureAsync(view.Vault, cancellation);
        view = (await consents.FindAsync(id, cancellation))!;
        if ((await journal.AggregateStreamAsync<Vault>(view.Vault, cancellation: cancellation))?.Holder == person.Id) return view;
        var employed = (await journal.AggregateStreamAsync<Agency>(view.Grantee, cancellation: cancellation))?.Employs(person.Id) == true;
        return employed && view.RevokedAt is null ? view : null;
    }

    private static async Task<IResult> List(Guid? after, int? limit, Person person, SeeConsent see, CancellationToken cancellation)
    {
        var count = Math.Clamp(limit ?? 50, 1, 200);
        var items = await see.ListAsync(person, after, count + 1, cancellation);
        return Results.Ok(Paged.Of(items, count, last => $"/api/v1/consents?after={last.Id}&limit={count}"));
    }

    private static async Task<IResult> Get(Guid id, HttpContext http, Person person, SeeConsent see, CancellationToken cancellation) =>
        await see.FindAsync(id, person, cancellation) is { } view ? http.Shown(view) : Problems.Result(Refusal.NotFound);
}

internal static class ConsentAnswers
{
    public static IResult Shown(this HttpContext http, ConsentView view, bool created = false) =>
        Acts.Requests.Versioned(http, view, view.StreamVersion, created ? $"/api/v1/consents/{view.Id}" : null);
}
