using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>A holder lists the requests made to them; a clerk those that their agency made. Newest first.</summary>
public static class ListAccessRequests
{
    public static IReadOnlyList<string> States { get; } = ["pending", "approved", "resolved", "refused", "withdrawn", "expired"];

    public static async Task<Paged<AccessRequestSummary>> Handle(
        Person person, string? state, Guid? after, int limit, AccessRequestFinder requests, VaultFinder vaults, AgencyFinder agencies,
        EvidenceCatalogue catalogue, CancellationToken cancellation)
    {
        var vault = person.Is(Kinds.Holder) ? (await vaults.OfHolderAsync(person.Id, cancellation))?.Vault : null;
        var agency = person.Is(Kinds.Clerk) ? (await agencies.OfClerkAsync(person.Id, cancellation))?.Agency : null;
        // A holder who is also a clerk lists their own: their agency's requests are another matter, on the agency's pages.
        if (vault is not null) agency = null;
        if (vault is null && agency is null) return new Paged<AccessRequestSummary>([], null);
        var lines = await requests.ListAsync(vault, agency, state, after, limit + 1, cancellation);
        var names = await agencies.NamesAsync(cancellation);
        var items = lines.Select(line => new AccessRequestSummary(
            line.Request, line.State, line.Procedure, catalogue.FindProcedure(line.Procedure)?.Name ?? new LocalizedText(line.Procedure, line.Procedure),
            line.Agency, names.GetValueOrDefault(line.Agency, ""), line.Vault, line.AskedAt, line.Expires, line.Consent)).ToList();
        return Paged.Of(items, limit, last => $"/api/v1/access-requests?after={last.Id}&limit={limit}{(state is null ? "" : $"&state={state}")}");
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/access-requests", Get).RequireAuthorization(Policies.HolderOrClerk)
        .WithSummary("The requests made to me, or by my agency").Produces<Paged<AccessRequestSummary>>();

    private static async Task<IResult> Get(
        string? state, Guid? after, int? limit, Person person, AccessRequestFinder requests, VaultFinder vaults, AgencyFinder agencies,
        EvidenceCatalogue catalogue, CancellationToken cancellation) =>
        state is null || States.Contains(state)
            ? Results.Ok(await Handle(person, state, after, Math.Clamp(limit ?? 50, 1, 200), requests, vaults, agencies, catalogue, cancellation))
            : Problems.Result(UnknownState);

    private static Refusal UnknownState { get; } = new(
        "unknown-state", "Cet état n'existe pas : pending, approved, resolved, refused, withdrawn ou expired.", 422);
}

/// <summary>A request in a list; what would be shown stands on the request itself.</summary>
public sealed record AccessRequestSummary(
    Guid Id, string State, string Procedure, LocalizedText ProcedureName, Guid Agency, string AgencyName, Guid Vault,
    DateTimeOffset AskedAt, DateTimeOffset Expires, Guid? Consent);
