using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.TryOut;

/// <summary>The demo's people, each one click away. This folder has no routes unless the demo is on.</summary>
[AllowAnonymous]
public sealed class PeopleModel : PageModel
{
    public string Query { get; private set; } = "";

    public void OnGet(string? returnUrl) =>
        Query = Answers.LocalOr(returnUrl, "/") is not "/" and var back ? QueryString.Create("returnUrl", back).Value! : "";
}
