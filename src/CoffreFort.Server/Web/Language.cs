using System.Globalization;
using Microsoft.AspNetCore.Localization;

namespace CoffreFort.Server.Web;

/// <summary>French unless the person chose English (cookie) or their browser asks for it.</summary>
public static class Language
{
    public static string Current => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "en" ? "en" : "fr";

    internal static void Configure(RequestLocalizationOptions options)
    {
        options.SetDefaultCulture("fr").AddSupportedCultures("fr", "en").AddSupportedUICultures("fr", "en");
        options.RequestCultureProviders = [new CookieRequestCultureProvider { CookieName = "language" }, new AcceptLanguageHeaderRequestCultureProvider()];
        options.ApplyCurrentCultureToResponseHeaders = true;
    }

    internal static void MapLanguage(this WebApplication app) =>
        app.MapPost("/language/{language:regex(^(fr|en)$)}", (string language, string? returnUrl, HttpContext context) =>
        {
            context.Response.Cookies.Append("language", CookieRequestCultureProvider.MakeCookieValue(new RequestCulture(language)), new CookieOptions
            {
                HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps, MaxAge = TimeSpan.FromDays(365), IsEssential = true,
            });
            return Results.LocalRedirect(Answers.LocalOr(returnUrl, "/"));
        }).AllowAnonymous().ExcludeFromDescription();
}
