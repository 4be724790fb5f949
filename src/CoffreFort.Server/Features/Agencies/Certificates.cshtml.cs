using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>A clerk sees the own agency's certificates, an operator everybody's; each proposes, confirms what the other proposed, or takes one away.</summary>
[Authorize(Policies.ClerkOrOperator)]
public sealed class CertificatesModel(AgencyFinder agencies, Journal journal, ActRunner acts, RecipientCheck check) : PageModel
{
    private Person _person = null!;

    public IReadOnlyList<(AgencyEntry Agency, IReadOnlyList<CertificateView> Certificates)> Items { get; private set; } = [];

    [BindProperty]
    public string? Certificate { get; set; }

    /// <summary>For which agency something was typed.</summary>
    public Guid? Agency { get; private set; }

    public Task OnGetAsync(CancellationToken cancellation) => LoadAsync(cancellation);

    /// <summary>Whether this person may be the second one: another, from the other side.</summary>
    public bool MayConfirm(CertificateView certificate) =>
        certificate.State == "proposed" && certificate.ProposedBy != _person.Id && (certificate.Side == Sides.Agency ? _person.Is(Kinds.Operator) : _person.Is(Kinds.Clerk));

    public async Task<IActionResult> OnPostProposeAsync(Guid agency, CancellationToken cancellation)
    {
        Agency = agency;
        await LoadAsync(cancellation);
        return Answer(
            await ProposeCertificate.Handle(agency, Certificate ?? "", _person, HttpContext.Actor(), acts, check, journal, cancellation),
            Texts.Of("Le certificat est proposé. Il ne sert pas avant que l'autre côté l'ait confirmé."));
    }

    public async Task<IActionResult> OnPostConfirmAsync(Guid agency, string fingerprint, CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        return Answer(
            await ConfirmCertificate.Handle(agency, fingerprint, _person, HttpContext.Actor(), acts, check, journal, cancellation),
            Texts.Of("Le certificat est inscrit : les copies scellées le sont désormais pour lui."));
    }

    public async Task<IActionResult> OnPostRevokeAsync(Guid agency, string fingerprint, CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        return Answer(
            await RevokeCertificate.Handle(agency, fingerprint, _person, HttpContext.Actor(), acts, cancellation),
            Texts.Of("Le certificat est retiré : plus rien n'est scellé pour lui."));
    }

    private async Task LoadAsync(CancellationToken cancellation)
    {
        _person = Person.From(User);
        var own = _person.Is(Kinds.Operator) ? await agencies.ListAsync(null, cancellation)
            : await agencies.OfClerkAsync(_person.Id, cancellation) is { } one ? [one] : [];
        var items = new List<(AgencyEntry, IReadOnlyList<CertificateView>)>();
        foreach (var entry in own)
            items.Add((entry, SeeCertificates.Of(await journal.AggregateStreamAsync<Agency>(entry.Agency, cancellation: cancellation) ?? Agencies.Agency.Empty)));
        Items = items;
    }

    private IActionResult Answer(Outcome outcome, string done)
    {
        if (outcome.Refusal is { } refusal) return this.Refused(refusal);
        if (outcome.Written is { } written) Views.ReadPosition.Tell(HttpContext, written.LastPosition);
        TempData["Done"] = done;
        return LocalRedirect("/certificates");
    }
}
