using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Usage;

/// <summary>The holder sees who looked, who tried to, and why; and how many deposits sharing spared.</summary>
public static class SeeUsage
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/usage", Get).RequireAuthorization(Policies.HolderOrHelper)
        .WithSummary("Who looked: newest line first; after= names the position of the last line seen").Produces<UsageList>();

    private static async Task<IResult> Get(
        Guid? vault, long? after, int? limit, Guid? agency, string? outcome, DateTimeOffset? from, DateTimeOffset? until, Person person,
        VaultFinder vaults, UsageReader usage, CancellationToken cancellation)
    {
        var own = vault is { } named ? await vaults.FindAsync(named, cancellation) : await vaults.OfHolderAsync(person.Id, cancellation);
        if (own?.Holder != person.Id) return Problems.Result(Refusal.NotFound);
        if (outcome is not (null or Outcomes.Read or Outcomes.Refused)) return Problems.Result(UnknownOutcome);
        var count = Math.Clamp(limit ?? 50, 1, 200);
        var lines = await usage.ListAsync(own.Vault, new UsageFilter(after, agency, outcome, null, from, until), count + 1, cancellation);
        var kept = new List<string> { $"vault={own.Vault}", $"limit={count}" };
        if (agency is { } by) kept.Add($"agency={by}");
        if (outcome is not null) kept.Add($"outcome={outcome}");
        if (from is { } start) kept.Add($"from={Uri.EscapeDataString(start.ToString("O"))}");
        if (until is { } end) kept.Add($"until={Uri.EscapeDataString(end.ToString("O"))}");
        var page = Paged.Of(lines, count, last => $"/api/v1/usage?{string.Join('&', kept)}&after={last.Position}");
        return Results.Ok(new UsageList(page.Items, page.Next, await usage.DepositsAvoidedAsync(own.Vault, cancellation)));
    }

    private static Refusal UnknownOutcome { get; } = new("unknown-outcome", "Le résultat d'une lecture est read ou refused.", 400);
}

public static class Outcomes
{
    public const string Read = "read";
    public const string Refused = "refused";
}

/// <param name="DepositsAvoided">For each version, the agencies that read it beyond the first.</param>
public sealed record UsageList(IReadOnlyList<UsageLine> Items, string? Next, int DepositsAvoided);

/// <summary>One line of the log.</summary>
/// <param name="Action">document-read (the holder or a helper), evidence-read (an agency), audit-queried (an auditor, who sees no content).</param>
/// <param name="Outcome">read or refused.</param>
/// <param name="Code">Why it was refused; for an audit, what was asked.</param>
/// <param name="Person">Their name; null when it is not known here, or was erased.</param>
/// <param name="Agency">For which agency they acted.</param>
/// <param name="Reason">In their words.</param>
/// <param name="Use">view, preview, download or sealed.</param>
/// <param name="Recipient">For a sealed copy: SHA-256 of the agency's certificate that it was sealed for, lower-case hex.</param>
/// <param name="Event">The event, by which the line can be proven.</param>
public sealed record UsageLine(
    DateTimeOffset At, string Action, string Outcome, string? Code, string? Person, Guid PersonId, Guid? Agency, string? AgencyName, string? Procedure,
    string? Reason, Guid? Document, int? Version, string? EvidenceType, string? Use, Guid? Consent, Guid? Mandate, long Position, Guid Event, string Receipt, string? Recipient);
