using System.Security.Cryptography;
using System.Text;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Documents;

/// <summary>What both pages that take a file in share: one form sent twice is one deposit, and the answer suits who asked, a browser or the page's script.</summary>
internal static class DepositPage
{
    /// <summary>The person's act, under a key that the form brought: a double click deposits once.</summary>
    public static Actor ActorOf(HttpContext http, DepositForm form)
    {
        var actor = http.Actor();
        var said = string.Join('\n', actor.Person, http.Request.Path, form["Once"], form["EvidenceType"], form["Title"], form.FileName);
        return form["Once"].Length == 0 ? actor : actor with { IdempotencyKey = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(said))), Fingerprint = null };
    }

    /// <summary>A browser shows an answer only once it has sent everything: what is left of the form is taken in and forgotten.</summary>
    public static async Task ForgetRestAsync(HttpContext http, CancellationToken cancellation)
    {
        try
        {
            await http.Request.Body.CopyToAsync(Stream.Null, cancellation);
        }
        catch (Exception broken) when (broken is IOException or OperationCanceledException)
        {
            // The sender went away, or sends more than is taken in: the answer stands either way.
        }
    }

    public static IActionResult Done(this PageModel page, string location, string done)
    {
        page.TempData["Done"] = done;
        return Answers.PrefersJson(page.Request) ? new JsonResult(new { location }) : new LocalRedirectResult(location);
    }

    /// <param name="page">The page.</param>
    /// <param name="refusal">Why nothing was saved.</param>
    /// <param name="field">The field it is about, if it is about one.</param>
    public static async Task<IActionResult> RefusedAsync(this PageModel page, Refusal refusal, string field = "")
    {
        if (Answers.PrefersJson(page.Request))
        {
            await Problems.Write(page.HttpContext, refusal);
            return new EmptyResult();
        }

        if (field.Length == 0) return page.Refused(refusal);
        page.ModelState.AddModelError(field, Problems.Detail(page.HttpContext, refusal));
        page.Response.StatusCode = refusal.Status;
        return page.Page();
    }

    /// <summary>What a person is told of a key that they never saw: a form has one of its own.</summary>
    public static Refusal Told(Refusal refusal) => refusal == ActRunner.KeyReused ? SentAlready : refusal;

    private static Refusal SentAlready { get; } = new(
        "sent-already", "Ce formulaire a déjà été envoyé, avec un autre fichier de signature ou sans : ce document-là est dans votre coffre. Rien de plus n'a été enregistré : pour y joindre cette signature, déposez une nouvelle version.", 409);

    public static Refusal NoFile { get; } = new("no-file", "Choisissez un fichier.", 422);
}
