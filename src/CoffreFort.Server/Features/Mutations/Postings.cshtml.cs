using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Views;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>The personnel service's postings: announce, reschedule, cancel.</summary>
[Authorize(Policies.Personnel)]
public sealed class PostingsModel(MutationReader mutations, AgencyFinder agencies, ActRunner acts, RequestKeys keys, DueMutations due) : PageModel
{
    private const int Most = 500;

    [BindProperty]
    public string? Vault { get; set; }

    [BindProperty]
    public string? To { get; set; }

    [BindProperty]
    public DateOnly? EffectiveOn { get; set; }

    [BindProperty]
    public string? Order { get; set; }

    public IReadOnlyList<AgencyEntry> Spaces { get; private set; } = [];

    public IReadOnlyList<MutationView> All { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync([FromServices] VaultFinder vaults, CancellationToken cancellation)
    {
        if (EffectiveOn is not { } day || string.IsNullOrWhiteSpace(Vault) || string.IsNullOrWhiteSpace(To)) return await RefusedAsync(Incomplete, cancellation);
        var posting = new AnnounceMutation.Posting(Vault.Trim(), To, day, null, Order);
        var outcome = await AnnounceMutation.Handle(posting, HttpContext.Actor(), acts, vaults, agencies, keys, due, cancellation);
        return await AnswerAsync(outcome, Texts.Of("La mutation est annoncée. La personne et les deux espaces la voient."), cancellation);
    }

    public async Task<IActionResult> OnPostRescheduleAsync(Guid id, DateOnly? newDay, CancellationToken cancellation)
    {
        if (newDay is not { } day) return await RefusedAsync(Incomplete, cancellation);
        var outcome = await RescheduleMutation.Handle(id, new RescheduleMutation.Change(day), HttpContext.Actor(), acts, due, cancellation);
        return await AnswerAsync(outcome, Texts.Of("La mutation est reportée. Ce que la personne avait choisi suit la nouvelle date."), cancellation);
    }

    public async Task<IActionResult> OnPostCancelAsync(Guid id, string? reason, CancellationToken cancellation)
    {
        var outcome = await CancelMutation.Handle(id, reason, HttpContext.Actor(), acts, keys, due, cancellation);
        return await AnswerAsync(outcome, Texts.Of("La mutation est annulée. Rien de ce qu'elle aurait ouvert ne s'ouvrira."), cancellation);
    }

    private async Task<IActionResult> AnswerAsync(Outcome outcome, string done, CancellationToken cancellation)
    {
        if (outcome.Refusal is { } refusal) return await RefusedAsync(refusal, cancellation);
        if (outcome.Written is { } written) ReadPosition.Tell(HttpContext, written.LastPosition);
        return this.Done("/postings", done);
    }

    /// <summary>Also an unknown vault is said on the form here: the service typed its address.</summary>
    private async Task<IActionResult> RefusedAsync(Refusal refusal, CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        return this.Refused(refusal.Status == 404 ? refusal with { Status = 422 } : refusal);
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        Spaces = await agencies.SpacesAsync(cancellation);
        All = await mutations.ListAsync(Person.From(User), null, Most, cancellation);
    }

    private static Refusal Incomplete { get; } = new("incomplete", "Indiquez l'adresse du coffre, l'espace d'arrivée et la date.", 422);
}
