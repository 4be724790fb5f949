using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Documents;

/// <summary>Choose what it is, then deposit it.</summary>
/// <remarks>The antiforgery token is checked where the form is read, because here the page reads it and not the framework.</remarks>
[Authorize(Policies.Holder), IgnoreAntiforgeryToken, ReadsOwnBody]
public sealed class DepositDocumentModel(EvidenceCatalogue catalogue, VaultFinder vaults, DepositLimit limit, IAntiforgery antiforgery) : PageModel
{
    public EvidenceCatalogue Catalogue => catalogue;

    public EvidenceType? Type { get; private set; }

    public string Title { get; private set; } = "";

    public DateFields? Dates { get; private set; }

    public string Longest => Show.Size(limit.Bytes);

    /// <summary>Names this one filling-in of the form.</summary>
    public string Once { get; private set; } = Guid.NewGuid().ToString("N");

    public async Task<IActionResult> OnGetAsync(string? type, CancellationToken cancellation)
    {
        if (await vaults.OfHolderAsync(Person.From(User).Id, cancellation) is null) return LocalRedirect("/vault");
        Choose(type);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(
        string? type, [FromServices] ActRunner acts, [FromServices] SealContent seal, [FromServices] RequestKeys keys, CancellationToken cancellation)
    {
        Choose(type);
        if (limit.Admit(HttpContext, form: true) is { } tooLong) return await this.RefusedAsync(tooLong, "File");
        var form = await DepositForm.ReadAsync(HttpContext, antiforgery, cancellation);
        var answer = await DepositAsync(form, acts, seal, keys, cancellation);
        await DepositPage.ForgetRestAsync(HttpContext, cancellation);
        return answer;
    }

    private async Task<IActionResult> DepositAsync(DepositForm form, ActRunner acts, SealContent seal, RequestKeys keys, CancellationToken cancellation)
    {
        if (await vaults.OfHolderAsync(Person.From(User).Id, cancellation) is not { } vault) return LocalRedirect("/vault");
        Choose(form["EvidenceType"]);
        if (Type is null) return await this.RefusedAsync(Deposit.UnknownType);
        Title = form["Title"];
        Once = form["Once"];
        Dates = new DateFields(Type, form["IssuedOn"], form["ExpiresOn"], form["Period"]);
        var (dates, wrong) = form.Dates(Type);
        if (wrong is { } field) return await this.RefusedAsync(field.Refusal, field.Field);
        if (form.WrongSignature is { } unusable) return await this.RefusedAsync(unusable, "Signature");
        if (form.File is null) return await this.RefusedAsync(DepositPage.NoFile, "File");
        var deposit = new Deposit(vault.Vault, Type.Code, Title, form.FileName, dates.IssuedOn, dates.ExpiresOn, dates.Period);
        try
        {
            var outcome = await DepositDocument.Handle(deposit, form.File, DepositPage.ActorOf(HttpContext, form), acts, seal, keys, catalogue, cancellation);
            if (outcome.Refusal is { } refusal) return await this.RefusedAsync(DepositPage.Told(refusal), SignatureFile.IsMeantBy(refusal) ? "Signature" : "");
            Views.ReadPosition.Tell(HttpContext, outcome.Written!.LastPosition);
            return this.Done($"/documents/{outcome.Stream}", Texts.Of("Le document est déposé, chiffré et inscrit au journal."));
        }
        catch (Exception malformed) when (DepositParts.AreMalformed(malformed))
        {
            throw new BadHttpRequestException("The form is not whole.", malformed);
        }
    }

    private void Choose(string? type)
    {
        Type = catalogue.Find(type ?? "");
        Dates = Type is null ? null : DateFields.Of(Type);
    }
}
