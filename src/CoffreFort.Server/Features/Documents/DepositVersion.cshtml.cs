using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Documents;

/// <summary>A newer version of a document, from the same kind of form.</summary>
/// <remarks>The antiforgery token is checked where the form is read.</remarks>
[Authorize(Policies.Holder), IgnoreAntiforgeryToken, ReadsOwnBody]
public sealed class DepositVersionModel(SeeDocument documents, EvidenceCatalogue catalogue, DepositLimit limit, IAntiforgery antiforgery) : PageModel
{
    public Guid Id { get; private set; }

    public string Title { get; private set; } = "";

    /// <summary>Null when the catalogue no longer has the document's type: then no date is asked.</summary>
    public DateFields? Dates { get; private set; }

    public string Longest => Show.Size(limit.Bytes);

    /// <summary>Names this one filling-in of the form.</summary>
    public string Once { get; private set; } = Guid.NewGuid().ToString("N");

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation) =>
        await LoadAsync(id, cancellation) ? Page() : this.Refused(Refusal.NotFound);

    public async Task<IActionResult> OnPostAsync(Guid id, [FromServices] ActRunner acts, [FromServices] SealContent seal, CancellationToken cancellation)
    {
        if (!await LoadAsync(id, cancellation)) return this.Refused(Refusal.NotFound);
        if (limit.Admit(HttpContext, form: true) is { } tooLong) return await this.RefusedAsync(tooLong, "File");
        var form = await DepositForm.ReadAsync(HttpContext, antiforgery, cancellation);
        var answer = await DepositAsync(form, acts, seal, cancellation);
        await DepositPage.ForgetRestAsync(HttpContext, cancellation);
        return answer;
    }

    private async Task<IActionResult> DepositAsync(DepositForm form, ActRunner acts, SealContent seal, CancellationToken cancellation)
    {
        Once = form["Once"];
        var dates = new StatedDates();
        if (Dates is { Type: var type })
        {
            Dates = new DateFields(type, form["IssuedOn"], form["ExpiresOn"], form["Period"]);
            (dates, var wrong) = form.Dates(type);
            if (wrong is { } field) return await this.RefusedAsync(field.Refusal, field.Field);
        }

        if (form.WrongSignature is { } unusable) return await this.RefusedAsync(unusable, "Signature");
        if (form.File is null) return await this.RefusedAsync(DepositPage.NoFile, "File");
        try
        {
            var outcome = await DepositVersion.Handle(Id, dates, null, form.File, DepositPage.ActorOf(HttpContext, form), acts, seal, catalogue, cancellation);
            if (outcome.Refusal is { } refusal) return await this.RefusedAsync(DepositPage.Told(refusal), SignatureFile.IsMeantBy(refusal) ? "Signature" : "");
            Views.ReadPosition.Tell(HttpContext, outcome.Written!.LastPosition);
            return this.Done($"/documents/{Id}", Texts.Of("La nouvelle version est déposée. Les précédentes restent."));
        }
        catch (Exception malformed) when (DepositParts.AreMalformed(malformed))
        {
            throw new BadHttpRequestException("The form is not whole.", malformed);
        }
    }

    private async Task<bool> LoadAsync(Guid id, CancellationToken cancellation)
    {
        if (await documents.FindAsync(id, Person.From(User), cancellation) is not { } view) return false;
        (Id, Title) = (id, view.Title is { Length: > 0 } title ? title : catalogue.NameOf(view.EvidenceType));
        Dates = catalogue.Find(view.EvidenceType) is { } type ? DateFields.Of(type) : null;
        return true;
    }
}
