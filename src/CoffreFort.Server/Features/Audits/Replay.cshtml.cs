using System.Globalization;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Audits;

/// <summary>One audit: choose a vault and an instant, step through what happened, see who could read and who did.</summary>
[Authorize(Policies.Auditor)]
public sealed class ReplayModel(AuditReader audits, VaultPast past, VaultFinder vaults, AgencyFinder agencies, EvidenceCatalogue catalogue) : PageModel
{
    private const int PageSize = 50;
    private static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    public AuditView Audit { get; private set; } = null!;

    /// <summary>As typed: an address or an id.</summary>
    public string? Vault { get; private set; }

    /// <summary>The instant as the control for date and time wants it.</summary>
    public string? Typed { get; private set; }

    public PastStateView? State { get; private set; }

    public IReadOnlyList<TimelineLine> Lines { get; private set; } = [];

    public long After { get; private set; }

    /// <summary>Where the next page of the timeline begins.</summary>
    public long? Next { get; private set; }

    public IReadOnlyDictionary<Guid, string> Agencies { get; private set; } = new Dictionary<Guid, string>();

    public async Task<IActionResult> OnGetAsync(Guid id, string? vault, string? at, long? after, CancellationToken cancellation)
    {
        if (await audits.FindAsync(id, Person.From(User), cancellation) is not { } audit) return this.Refused(Refusal.NotFound);
        (Audit, Vault, After) = (audit, vault?.Trim(), after ?? 0);
        if (string.IsNullOrEmpty(Vault)) return Page();
        if (await vaults.ByAddressAsync(Vault, cancellation) is not { Vault: var found }) return this.Refused(UnknownVault);
        if (Instant(at, out var instant) is { } unreadable) return this.Refused(unreadable);
        return await ReplayAsync(found, instant, cancellation) is { } refusal ? this.Refused(refusal) : Page();
    }

    public string TypeName(string evidenceType) => catalogue.NameOf(evidenceType);

    public string ProcedureName(string procedure) => catalogue.FindProcedure(procedure)?.Name.Say() ?? procedure;

    public string AgencyName(Guid agency) => Agencies.GetValueOrDefault(agency) ?? Brief(agency);

    /// <summary>An opaque id, as far as one needs it to tell two apart; the whole of it stands in the API.</summary>
    public static string Brief(Guid id) => "…" + id.ToString()[^8..];

    public string Link(DateTimeOffset at, long? after = null) => FormattableString.Invariant(
        $"/audits/{Audit.Id}?vault={Uri.EscapeDataString(Vault!)}&at={at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}&after={after ?? After}");

    private async Task<Refusal?> ReplayAsync(Guid vault, DateTimeOffset? at, CancellationToken cancellation)
    {
        var actor = HttpContext.Actor();
        var (state, asked) = await past.StateAsync(Audit.Id, vault, at, actor, cancellation);
        if (asked.Refusal is not null) return asked.Refusal;
        var (lines, listed) = await past.TimelineAsync(Audit.Id, vault, After, PageSize + 1, actor, cancellation);
        if (listed.Refusal is not null) return listed.Refusal;
        State = state;
        Lines = [.. lines!.Take(PageSize)];
        Next = lines!.Count > PageSize ? Lines[^1].Position : null;
        Agencies = await agencies.NamesAsync(cancellation);
        Typed = TimeZoneInfo.ConvertTime(state!.At, Paris).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        return null;
    }

    /// <summary>With an offset as links write it, without one (as the control gives it) in the time of metropolitan France; empty is now.</summary>
    private Refusal? Instant(string? text, out DateTimeOffset? instant)
    {
        instant = null;
        if (string.IsNullOrEmpty(text)) return null;
        Typed = text;
        if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var read) || read.Year is < 1900 or > 9000) return Unreadable;
        instant = read.Kind == DateTimeKind.Unspecified ? new DateTimeOffset(read, Paris.GetUtcOffset(read)).ToUniversalTime() : new DateTimeOffset(read).ToUniversalTime();
        return null;
    }

    private static Refusal UnknownVault { get; } = new("vault-unknown", "Aucun coffre n'a cette adresse ou cet identifiant.", 422);

    private static Refusal Unreadable { get; } = new("at-unreadable", "Cet instant n'est pas lisible : écrivez-le comme 2026-11-21T14:30.", 422);
}
