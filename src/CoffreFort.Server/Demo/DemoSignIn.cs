using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Demo;

/// <summary>Signing in as one of the demo's people, by one click or one request.</summary>
public static class DemoSignIn
{
    private const string Assurance = "demo";

    public static WebApplicationBuilder AddDemo(this WebApplicationBuilder builder)
    {
        // A foreign name that resolves to loopback must not reach the demo from a browser's other tab.
        if (DemoMode.IsOn(builder.Configuration))
            builder.Services.Configure<HostFilteringOptions>(options => options.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
        return builder;
    }

    public static void MapDemo(this WebApplication app)
    {
        if (!DemoMode.IsOn(app.Configuration))
            return;
        var demo = app.MapGroup("/demo").AllowAnonymous().ExcludeFromDescription();
        demo.MapGet("/personas", (HttpContext context, IStringLocalizer<Texts> texts) =>
            !DemoMode.IsLoopback(context) ? Problems.Result(Refusal.NotFound)
            : Answers.PrefersPage(context.Request) ? Results.LocalRedirect("/demo")
            : Results.Ok(new { items = Personas.All.Select(persona => Describe(persona, texts)) }));
        demo.MapPost("/sign-in/{key}", Enter);
    }

    private static async Task<IResult> Enter(string key, string? returnUrl, HttpContext context, TimeProvider clock, IStringLocalizer<Texts> texts)
    {
        var persona = Personas.All.FirstOrDefault(candidate => candidate.Key == key);
        if (persona is null || !DemoMode.IsLoopback(context))
            return Problems.Result(Refusal.NotFound);
        var person = persona.ToPerson(clock.GetUtcNow());
        await context.SignInAsync(SignIn.CookieScheme, person.ToPrincipal(SignIn.CookieScheme, Assurance));
        return Answers.PrefersJson(context.Request)
            ? Results.Ok(new { token = SignIn.IssueToken(context, person, Assurance), person = Describe(persona, texts) })
            : Results.LocalRedirect(Answers.LocalOr(returnUrl, Navigation.StartOf(person)));
    }

    private static object Describe(Persona persona, IStringLocalizer<Texts> texts) =>
        new { persona = persona.Key, persona.Id, persona.Name, role = texts[persona.Role].Value, kinds = new[] { persona.Kind } };
}
