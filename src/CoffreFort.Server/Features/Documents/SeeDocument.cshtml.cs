using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Features.Documents;

/// <summary>One document: what it is, its versions, and all that happened to it.</summary>
[Authorize(Policies.Holder)]
public sealed class SeeDocumentModel(SeeDocument documents, DocumentReader reader, SeeHistory history, EvidenceCatalogue catalogue, IStringLocalizer<Texts> texts)
    : PageModel
{
    private Guid _person;

    public DocumentView Document { get; private set; } = null!;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<VersionView> Versions { get; private set; } = [];

    /// <summary>The version that the page shows.</summary>
    public VersionView Shown { get; private set; } = null!;

    /// <summary>Newest first.</summary>
    public IReadOnlyList<HistoryLine> History { get; private set; } = [];

    public string TypeName => catalogue.NameOf(Document.EvidenceType);

    public string Title => Document.Title is { Length: > 0 } title ? title : TypeName;

    public bool Erased => Document.Erasure is { State: not ErasureView.Pending };

    public bool Damaged => History.Any(line => line.Type == "integrity_failed");

    public async Task<IActionResult> OnGetAsync(Guid id, int? version, CancellationToken cancellation)
    {
        var person = Person.From(User);
        _person = person.Id;
        if (await documents.FindAsync(id, person, cancellation) is not { } found) return this.Refused(Refusal.NotFound);
        Document = found;
        Versions = [.. (await reader.VersionsAsync(id, cancellation)).Reverse()];
        if (Versions.FirstOrDefault(one => one.Number == (version ?? found.Version)) is not { } shown) return this.Refused(Refusal.NotFound);
        Shown = shown;
        History = [.. (await history.LinesAsync(id, person, cancellation) ?? []).Reverse()];
        return Page();
    }

    public string Say(HistoryLine line) => line.Type switch
    {
        "document_deposited" => ByMe(line) ? texts["Vous avez déposé le document."] : texts["Le document a été déposé pour vous."],
        "version_deposited" => ByMe(line) ? texts["Vous avez déposé la version {0}.", line.Version!] : texts["La version {0} a été déposée pour vous.", line.Version!],
        "document_described" => ByMe(line) ? texts["Vous avez corrigé le titre ou les dates."] : texts["Le titre ou les dates ont été corrigés pour vous."],
        "document_read" when line.Use == Uses.Preview => ByMe(line) ? texts["Vous avez affiché la version {0}.", line.Version!] : texts["La version {0} a été affichée pour vous.", line.Version!],
        "document_read" => ByMe(line) ? texts["Vous avez téléchargé la version {0}.", line.Version!] : texts["La version {0} a été téléchargée pour vous.", line.Version!],
        "document_erasure_requested" => texts["Vous avez demandé l'effacement du document."],
        "document_erasure_cancelled" => texts["Vous avez annulé l'effacement."],
        "document_erased" => texts["Le document a été effacé."],
        "key_destroyed" => texts["Ses clés ont été détruites et son contenu supprimé."],
        "integrity_failed" => texts["Le contenu de la version {0} n'a pas pu être vérifié : il n'a pas été remis.", line.Version!],
        _ => line.Type,
    };

    private bool ByMe(HistoryLine line) => line.Actor == _person;
}
