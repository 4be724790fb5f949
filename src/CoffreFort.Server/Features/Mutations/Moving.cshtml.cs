using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Views;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>The holder's posting: where to, when, what goes with them, what is to be done after it.</summary>
[Authorize(Policies.Holder)]
public sealed class MovingModel(
    Journal journal, MutationReader mutations, VaultFinder vaults, HandoverOffer offer, DocumentLister documents, EvidenceCatalogue catalogue) : PageModel
{
    private const int MostDocuments = 1000;

    public EvidenceCatalogue Catalogue => catalogue;

    /// <summary>The open one, or the last that took effect.</summary>
    public MutationView? Current { get; private set; }

    public IReadOnlyList<MutationView> Earlier { get; private set; } = [];

    public IReadOnlyList<OfferedProcedure> Offered { get; private set; } = [];

    public IReadOnlyDictionary<Guid, string> Titles { get; private set; } = new Dictionary<Guid, string>();

    public DateOnly Today { get; private set; }

    /// <summary>Whether the holder can still choose what goes.</summary>
    public bool MayChoose => Current is { State: "announced" or "accepted" } or { State: "effective", Consents.Count: 0 };

    public async Task<IActionResult> OnGetAsync(CancellationToken cancellation)
    {
        await LoadAsync(cancellation);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(
        Guid mutation, string[] pieces, [FromServices] ActRunner acts, [FromServices] DueMutations due, CancellationToken cancellation)
    {
        if (Choice(pieces) is not { } choice) return BadRequest();
        var outcome = await AcceptHandover.Handle(mutation, choice, HttpContext.Actor(), acts, offer, due, journal, cancellation);
        if (outcome.Refusal is { } refusal)
        {
            await LoadAsync(cancellation);
            return this.Refused(refusal);
        }

        if (outcome.Written is { } written) ReadPosition.Tell(HttpContext, written.LastPosition);
        return this.Done("/moving", choice.Procedures.Count > 0
            ? Texts.Of("Votre choix est enregistré.")
            : Texts.Of("Votre choix est retiré : rien ne sera transmis."));
    }

    public bool IsChosen(OfferedProcedure offered, OfferedPiece piece) => Current?.Handover is { Count: > 0 } chosen
        ? chosen.Any(one => one.Procedure == offered.Procedure.Code && one.Pieces.Contains(piece.Granted))
        : piece.ByDefault;

    /// <summary>What of a choice went.</summary>
    public IEnumerable<Consents.GrantedPiece> Went(HandoverProcedure chosen) => chosen.Pieces.Where(piece => Current?.LeftOut?.Contains(piece.Document) != true);

    public string NameOf(string procedure) => catalogue.FindProcedure(procedure)?.Name.Say() ?? procedure;

    private async Task LoadAsync(CancellationToken cancellation)
    {
        var person = Person.From(User);
        Today = FrenchCalendar.DayOf(await journal.NowAsync(cancellation));
        if (await vaults.OfHolderAsync(person.Id, cancellation) is not { Vault: var vault }) return;
        var all = await mutations.ListAsync(person, null, 20, cancellation);
        Current = all.FirstOrDefault(one => one is { State: not "cancelled" });
        Earlier = [.. all.Where(one => one.Id != Current?.Id)];
        if (!MayChoose) return;
        Offered = await offer.OfAsync(vault, cancellation);
        Titles = (await documents.ListAsync(vault, null, MostDocuments, cancellation))
            .ToDictionary(one => one.Id, one => one.Title is { Length: > 0 } title ? title : catalogue.NameOf(one.EvidenceType));
    }

    /// <summary>Each ticked box says <c>procedure/document/version</c>.</summary>
    private static AcceptHandover.Choice? Choice(string[] pieces)
    {
        var chosen = new Dictionary<string, List<AcceptHandover.ChosenPiece>>(StringComparer.Ordinal);
        foreach (var piece in pieces)
        {
            if (piece.Split('/') is not [var procedure, var document, var version] || !Guid.TryParse(document, out var id) || !int.TryParse(version, out var number)) return null;
            if (!chosen.TryGetValue(procedure, out var list)) chosen[procedure] = list = [];
            list.Add(new AcceptHandover.ChosenPiece(id, number));
        }

        return new AcceptHandover.Choice([.. chosen.Select(one => new AcceptHandover.ChosenProcedure(one.Key, one.Value))]);
    }
}
