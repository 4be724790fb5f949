using CoffreFort.Server.Demo;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Welcome;

/// <summary>The front door: who is signed in goes straight to where they start, and in the demo everybody else to its people.</summary>
[AllowAnonymous]
public sealed class HomeModel(IConfiguration configuration) : PageModel
{
    public IActionResult OnGet()
    {
        if (User.Identity?.IsAuthenticated == true)
            return Navigation.StartOf(Person.From(User)) is var start and not "/" ? LocalRedirect(start) : Page();
        return DemoMode.IsOn(configuration) ? LocalRedirect("/demo") : Page();
    }
}
