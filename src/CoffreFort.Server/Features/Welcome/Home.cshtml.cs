using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Welcome;

/// <summary>The front door: who is signed in goes straight to where they start.</summary>
[AllowAnonymous]
public sealed class HomeModel : PageModel
{
    public IActionResult OnGet() =>
        User.Identity?.IsAuthenticated == true && Navigation.StartOf(Person.From(User)) is var start and not "/" ? LocalRedirect(start) : Page();
}
