using CoffreFort.Server.Features.Usage;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Receipts;

/// <summary>The receipt of one event, for those whom it concerns: what it states, what it proves by itself, and how anybody checks it.</summary>
[Authorize(Policies.SignedIn)]
public sealed class ReceiptPageModel(SeeReceipt receipts, ReceiptEvents events) : PageModel
{
    public SeeReceipt.Receipt Receipt { get; private set; } = null!;

    /// <summary>What the sealed receipt states; null for an event that has none.</summary>
    public Statement? Statement { get; private set; }

    public async Task<IActionResult> OnGetAsync(Guid id, CancellationToken cancellation)
    {
        var person = Person.From(User);
        if (await receipts.FindAsync(id, person, cancellation) is not { } receipt || await events.FindAsync(id, person, cancellation) is not { } found)
            return this.Refused(Refusal.NotFound);
        (Receipt, Statement) = (receipt, Statement.Of(found.Stored));
        return Page();
    }
}
