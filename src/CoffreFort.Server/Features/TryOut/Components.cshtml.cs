using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.TryOut;

/// <summary>Every component of the pages, to look at: docs/guides/pages.md shows how each is written.</summary>
[AllowAnonymous]
public sealed class ComponentsModel : PageModel
{
    [BindProperty]
    public string Reason { get; set; } = "";

    [BindProperty]
    public DateOnly? Until { get; set; }

    public void OnGet() => ModelState.AddModelError(nameof(Until), "Choisissez une date à venir.");
}
