using CoffreFort.Cryptography;
using CoffreFort.Server.Demo;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace CoffreFort.Server.Web;

/// <summary>Cookies for browsers, bearer tokens for programs, one policy scheme that chooses by the Authorization header. Whoever proves an identity (demo, OpenID Connect) only fills these.</summary>
public static class SignIn
{
    public const string Scheme = "coffrefort";
    public const string CookieScheme = "cookie";
    public const string TokenScheme = BearerTokenDefaults.AuthenticationScheme;
    public const string Page = "/sign-in";

    /// <param name="builder">The application.</param>
    /// <param name="dataFolder">Where the keys of cookies and tokens live, in <c>data-protection</c>.</param>
    public static WebApplicationBuilder AddSignIn(this WebApplicationBuilder builder, string dataFolder)
    {
        DemoMode.RefuseIfExposed(builder.Configuration, builder.Environment);
        AddKeys(builder.Services, Path.Combine(dataFolder, "data-protection"));
        builder.Services.AddAuthentication(Scheme)
            .AddPolicyScheme(Scheme, null, options => options.ForwardDefaultSelector = Select)
            .AddCookie(CookieScheme, Cookie)
            .AddBearerToken(TokenScheme, options => options.BearerTokenExpiration = TimeSpan.FromHours(1));
        builder.Services.AddOptions<CookieAuthenticationOptions>(CookieScheme).Configure<IConfiguration>((options, configuration) =>
        {
            // A browser takes a __Host- cookie over https only; the demo is plain http on loopback.
            var demo = DemoMode.IsOn(configuration);
            options.Cookie.Name = demo ? "coffrefort" : "__Host-coffrefort";
            options.Cookie.SecurePolicy = demo ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
        });
        Policies.Register(builder.Services.AddAuthorizationBuilder());
        return builder;
    }

    public static WebApplication MapSignIn(this WebApplication app)
    {
        app.MapPost("/sign-out", async (HttpContext context) =>
        {
            await context.SignOutAsync(CookieScheme);
            return Results.LocalRedirect("/");
        }).AllowAnonymous().ExcludeFromDescription();
        app.MapDemo();
        return app;
    }

    /// <summary>Whether the caller proves who they are by a token, which a foreign site can't make a browser send.</summary>
    internal static bool ByToken(HttpContext context) => context.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase);

    /// <summary>A token that the bearer scheme of this server accepts, for one hour.</summary>
    internal static string IssueToken(HttpContext context, Person person, string assurance)
    {
        var options = context.RequestServices.GetRequiredService<IOptionsMonitor<BearerTokenOptions>>().Get(TokenScheme);
        var now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var properties = new AuthenticationProperties { IssuedUtc = now, ExpiresUtc = now + options.BearerTokenExpiration };
        return options.BearerTokenProtector.Protect(new AuthenticationTicket(person.ToPrincipal(TokenScheme, assurance), properties, TokenScheme + ":AccessToken"));
    }

    private static string Select(HttpContext context) => ByToken(context) ? TokenScheme : CookieScheme;

    private static void Cookie(CookieAuthenticationOptions options)
    {
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.Path = "/";
        options.ExpireTimeSpan = TimeSpan.FromMinutes(30);
        options.SlidingExpiration = true;
        options.LoginPath = Page;
        options.ReturnUrlParameter = "returnUrl";
        options.Events.OnRedirectToLogin = context =>
        {
            if (Answers.IsForProgram(context.HttpContext))
            {
                context.Response.Headers.WWWAuthenticate = "Bearer";
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            }
            else
                context.Response.Redirect(context.RedirectUri);
            return Task.CompletedTask;
        };
        options.Events.OnRedirectToAccessDenied = context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        };
    }

    private static void AddKeys(IServiceCollection services, string folder)
    {
        services.AddDataProtection().SetApplicationName("CoffreFort");
        // Made at first use, not while the application is composed: composing it must touch nothing.
        services.AddOptions<KeyManagementOptions>().Configure<ILoggerFactory, IRootKey>((options, loggers, root) =>
        {
            var directory = OperatingSystem.IsWindows()
                ? Directory.CreateDirectory(folder)
                : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            options.XmlEncryptor = new RootKeyXmlEncryptor(root);
            options.XmlRepository = new FileSystemXmlRepository(directory, loggers);
        });
    }
}
