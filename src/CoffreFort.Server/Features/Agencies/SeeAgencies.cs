using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>Anybody signed in sees which agencies there are and what each may ask for; who works there is not told.</summary>
public static class SeeAgencies
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/agencies", List).RequireAuthorization(Policies.SignedIn).WithSummary("The agencies").Produces<Paged<AgencyLine>>();
        api.MapGet("/agencies/{id:guid}", (Guid id, HttpContext http, Journal journal, CancellationToken cancellation) =>
                AnswerAsync(http, id, journal, cancellation))
            .RequireAuthorization(Policies.SignedIn).WithSummary("One agency and its habilitations").Produces<AgencyView>();
    }

    public static async Task<IResult> AnswerAsync(HttpContext http, Guid id, Journal journal, CancellationToken cancellation, bool created = false)
    {
        var (agency, version) = Fold.Of<Agency>(await journal.FetchStreamAsync(id, cancellation: cancellation));
        if (agency.Kind.Length == 0) return Problems.Result(Refusal.NotFound);
        var rights = agency.Habilitations.OrderBy(right => right.Key, StringComparer.Ordinal)
            .Select(right => new HabilitationEntry(right.Key, right.Value.EvidenceTypes, right.Value.Until));
        var view = new AgencyView(id, agency.Name, agency.Kind, agency.SiteCode, agency.Garrison, [.. rights]);
        return http.Versioned(view, version, created ? $"/api/v1/agencies/{id}" : null);
    }

    private static async Task<IResult> List(string? kind, AgencyFinder agencies, CancellationToken cancellation) =>
        Results.Ok(new Paged<AgencyLine>(
            [.. (await agencies.ListAsync(kind, cancellation)).Select(entry => new AgencyLine(entry.Agency, entry.Name, entry.Kind, entry.SiteCode, entry.Garrison))],
            null));
}

public sealed record AgencyLine(Guid Id, string Name, string Kind, string? SiteCode, string? Garrison);

public sealed record AgencyView(
    Guid Id, string Name, string Kind, string? SiteCode, string? Garrison, IReadOnlyList<HabilitationEntry> Procedures);
