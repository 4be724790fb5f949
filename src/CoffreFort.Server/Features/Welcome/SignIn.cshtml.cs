using CoffreFort.Server.Demo;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Welcome;

/// <summary>Leads to whatever proves identities on this server, and keeps the address to come back to, if it is on this site.</summary>
[AllowAnonymous]
public sealed class SignInModel(IConfiguration configuration) : PageModel
{
    public IActionResult OnGet(string? returnUrl) =>
        DemoMode.IsOn(configuration)
            ? LocalRedirect("/demo" + QueryString.Create("returnUrl", Answers.LocalOr(returnUrl, "/")))
            : Page();
}
