using System.Globalization;
using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>One request to the holder: who, why, on what ground, exactly what would be shown; narrow, accept, refuse.</summary>
[Authorize(Policies.Holder)]
public sealed class SeeAccessRequestModel(
    AccessRequestReader reader, EvidenceCatalogue catalogue, IStringLocalizer<Texts> texts, Journal journal, ActRunner acts) : PageModel
{
    public AccessRequestView Asked { get; private set; } = null!;

    public EvidenceCatalogue Catalogue => catalogue;

    /// <summary>The last day that an agreement may include.</summary>
    public DateOnly LastDay { get; private set; }

    [BindProperty]
    public string[] Pieces { get; set; } = [];

    [BindProperty]
    public string? Until { get; set; }

    [BindProperty]
    public string? Uses { get; set; }

    [BindProperty]
    public string? Delivery { get; set; } = Deliveries.Download;

    [BindProperty]
    public string? Reason { get; set; }

    /// <summary>Set by the form: an empty choice is then a choice, not a first visit.</summary>
    [BindProperty]
    public bool Shown { get; set; }

    public IReadOnlyList<PieceView> Ready => [.. Asked.Pieces.Where(piece => piece.Status == PieceStatus.Satisfied).DistinctBy(piece => (piece.Document, piece.Version))];

    public IReadOnlyList<PieceView> Lacking => [.. Asked.Pieces.Where(piece => piece.Status is PieceStatus.Missing or PieceStatus.Stale)];

    public IReadOnlyList<PieceView> Free => [.. Asked.Pieces.Where(piece => piece.Status is PieceStatus.NotDue or PieceStatus.NotSupplied)];

    public string Purpose => catalogue.SayPurpose(Asked.Procedure, Asked.Purpose);

    public string LegalBasis => catalogue.SayLegalBasis(Asked.Procedure, Asked.LegalBasis);

    public IEnumerable<string> Situations => Asked.Situation.Select(code => catalogue.Situations.FirstOrDefault(flag => flag.Code == code)?.Name.Say() ?? code);

    public string OutcomeHeading => texts[Outcomes.GetValueOrDefault(Asked.State).Heading ?? ""];

    public string OutcomeText => texts[Outcomes.GetValueOrDefault(Asked.State).Text ?? ""];

    public PieceLines Lines(IReadOnlyList<PieceView> pieces) => new(pieces, true, catalogue, texts);

    public bool IsChosen(PieceView piece) => !Shown || Pieces.Contains($"{piece.Document}/{piece.Version}");

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        if (!await LoadAsync(id, cancellation)) return this.Refused(Refusal.NotFound);
        Shown = false;
        Until = TypedDay.Text(LastDay);
        Uses = catalogue.FindProcedure(Asked.Procedure)?.DefaultUses?.ToString(CultureInfo.InvariantCulture);
        return Page();
    }

    public async Task<IActionResult> OnPostApproveAsync(
        Guid id, [FromServices] VaultEvidence evidence, [FromServices] DueMutations mutations, CancellationToken cancellation)
    {
        if (!await LoadAsync(id, cancellation)) return this.Refused(Refusal.NotFound);
        Shown = true;
        var chosen = Pieces.Select(Parse).ToList();
        if (!TypedDay.TryEnd(Until, out var until)) return this.Refused(TypedDay.NotADay);
        // What is no number is none that could be agreed to.
        int? uses = string.IsNullOrWhiteSpace(Uses) ? null : int.TryParse(Uses, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var approval = new ApproveAccessRequest.Approval(chosen, until, uses, Delivery);
        var outcome = await ApproveAccessRequest.Handle(id, approval, HttpContext.Actor(), acts, evidence, mutations, catalogue, cancellation);
        return Answer(outcome, Texts.Of("Votre accord est donné. Vous pouvez le retirer à tout moment."));
    }

    public async Task<IActionResult> OnPostRefuseAsync(Guid id, [FromServices] RequestKeys keys, CancellationToken cancellation)
    {
        if (!await LoadAsync(id, cancellation)) return this.Refused(Refusal.NotFound);
        Until = TypedDay.Text(LastDay);
        var outcome = await RefuseAccessRequest.Handle(id, new RefuseAccessRequest.No(Reason), HttpContext.Actor(), acts, keys, cancellation);
        return Answer(outcome, Texts.Of("La demande est refusée. Rien n'a été montré."));
    }

    private static readonly Dictionary<string, (string? Heading, string? Text)> Outcomes = new()
    {
        ["approved"] = (Texts.Of("Vous avez accepté"), Texts.Of("L'accord dit ce qui peut être lu, jusqu'à quand et combien de fois.")),
        ["resolved"] = (Texts.Of("Un accord en cours couvrait déjà cette demande"), Texts.Of("Vous n'avez rien à faire : l'administration a été renvoyée à l'accord que vous aviez donné.")),
        ["refused"] = (Texts.Of("Vous avez refusé"), Texts.Of("Rien n'a été montré.")),
        ["withdrawn"] = (Texts.Of("L'administration a retiré sa demande"), Texts.Of("Rien n'a été montré.")),
        ["expired"] = (Texts.Of("Le délai de réponse est écoulé"), Texts.Of("Rien n'a été montré. L'administration peut vous adresser une nouvelle demande.")),
    };

    private async Task<bool> LoadAsync(Guid id, CancellationToken cancellation)
    {
        if (await reader.FindAsync(id, Person.From(User).Id, cancellation) is not { } view) return false;
        Asked = view;
        var days = catalogue.FindProcedure(view.Procedure)?.DefaultConsentDays ?? 1;
        LastDay = FrenchCalendar.DayOf((await journal.NowAsync(cancellation)).AddDays(days)).AddDays(-1);
        return true;
    }

    private IActionResult Answer(Outcome outcome, string done)
    {
        if (outcome.Refusal is { } refusal) return this.Refused(refusal);
        if (outcome.Written is { } written) Views.ReadPosition.Tell(HttpContext, written.LastPosition);
        TempData["Done"] = done;
        return LocalRedirect($"/requests/{Asked.Id}");
    }

    // What isn't a piece can't be one that was shown: it is refused like any other.
    private static ChosenPiece Parse(string typed) =>
        typed.Split('/') is [var document, var version] && Guid.TryParse(document, out var id) && int.TryParse(version, out var number)
            ? new ChosenPiece(id, number)
            : new ChosenPiece(Guid.Empty, 0);
}
