using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>The certificate of one erasure, in words, and to take away.</summary>
[Authorize(Policies.Holder)]
public sealed class SeeErasureModel(ErasureCertificate certificates, ErasureReader erasures) : PageModel
{
    public ErasureView Erasure { get; private set; } = null!;

    /// <summary>Null while the keys are still being destroyed.</summary>
    public ErasureCertificate.Certificate? Certificate { get; private set; }

    public async Task<IActionResult> OnGetAsync(Guid subject, CancellationToken cancellation)
    {
        var person = Person.From(User);
        if (await erasures.FindAsync(subject, person, cancellation) is not { State: not ErasureView.Pending } erasure) return this.Refused(Refusal.NotFound);
        Erasure = erasure;
        Certificate = await certificates.FindAsync(subject, person, cancellation);
        return Page();
    }
}
