using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Documents;

/// <summary>The holder corrects what is said about a document.</summary>
[Authorize(Policies.Holder)]
public sealed class DescribeDocumentModel(SeeDocument documents, EvidenceCatalogue catalogue, ActRunner acts, RequestKeys keys) : PageModel
{
    public Guid Id { get; private set; }

    public string Heading { get; private set; } = "";

    public DateFields? Dates { get; private set; }

    [BindProperty]
    public string? Title { get; set; }

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        if (await LoadAsync(id, cancellation) is not { } view) return this.Refused(Refusal.NotFound);
        Title = Heading;
        if (Dates is { Type: var type }) Dates = DateFields.Of(type, new StatedDates(view.IssuedOn, view.ExpiresOn, view.Period));
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(Guid id, DateOnly? issuedOn, DateOnly? expiresOn, string? period, CancellationToken cancellation)
    {
        if (await LoadAsync(id, cancellation) is not { } view) return this.Refused(Refusal.NotFound);
        if (Dates is { Type: var type }) Dates = DateFields.Of(type, new StatedDates(issuedOn, expiresOn, period));
        if (!ModelState.IsValid) return Page();
        var asked = Dates is { } fields
            ? new DescribeDocument.Change(
                Title, fields.Asks(StatedDate.IssuedOn) ? issuedOn : view.IssuedOn, fields.Asks(StatedDate.ExpiresOn) ? expiresOn : view.ExpiresOn,
                fields.Asks(StatedDate.Period) ? period?.Trim() : view.Period)
            { AllDates = true }
            : new DescribeDocument.Change(Title);
        var outcome = await DescribeDocument.Handle(id, asked, HttpContext.Actor(), acts, keys, catalogue, cancellation);
        if (outcome.Refusal is { } refusal) return this.Refused(refusal);
        Views.ReadPosition.Tell(HttpContext, outcome.Written!.LastPosition);
        return this.Done($"/documents/{id}", Texts.Of("La correction est enregistrée."));
    }

    private async Task<DocumentView?> LoadAsync(Guid id, CancellationToken cancellation)
    {
        if (await documents.FindAsync(id, Person.From(User), cancellation) is not { } view) return null;
        Id = id;
        Heading = view.Title is { Length: > 0 } title ? title : catalogue.NameOf(view.EvidenceType);
        Dates = catalogue.Find(view.EvidenceType) is { } type ? DateFields.Of(type) : null;
        return view;
    }
}
