using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Views;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Audits;

/// <summary>The auditor's audits, and opening one.</summary>
[Authorize(Policies.Auditor)]
public sealed class AuditsModel(AuditReader audits) : PageModel
{
    private const int Most = 200;

    [BindProperty]
    public string? Reason { get; set; }

    /// <summary>One address a line.</summary>
    [BindProperty]
    public string? Vaults { get; set; }

    /// <summary>Over every vault, instead of those named.</summary>
    [BindProperty]
    public bool AllVaults { get; set; }

    /// <summary>The last day.</summary>
    [BindProperty]
    public DateOnly? Until { get; set; }

    public IReadOnlyList<AuditView> All { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        All = await audits.ListAsync(Person.From(User), null, Most, cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(
        [FromServices] ActRunner acts, [FromServices] VaultFinder vaults, [FromServices] KeyStore keys, [FromServices] RequestKeys request, CancellationToken cancellation)
    {
        var named = (Vaults ?? "").Split(['\n', '\r', ',', ';', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var until = Until is { } day && day < DateOnly.MaxValue ? FrenchCalendar.StartOf(day.AddDays(1)) : (DateTimeOffset?)null;
        var outcome = await OpenAudit.Handle(new OpenAudit.Opening(Reason, named, AllVaults, until), HttpContext.Actor(), acts, vaults, keys, request, cancellation);
        if (outcome.Refusal is { } refusal)
        {
            All = await audits.ListAsync(Person.From(User), null, Most, cancellation);
            return this.Refused(refusal);
        }

        ReadPosition.Tell(HttpContext, outcome.Written!.LastPosition);
        return this.Done($"/audits/{outcome.Stream}", Texts.Of("L'audit est ouvert. Chaque question que vous posez y est inscrite."));
    }
}
