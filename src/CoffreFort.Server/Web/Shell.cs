using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Demo;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.WebEncoders;

namespace CoffreFort.Server.Web;

/// <summary>What every request passes through, and what every page and endpoint may count on.</summary>
public static class Shell
{
    /// <summary>A JSON or plain form body may be this long; an endpoint that takes more says so with its own request size limit.</summary>
    public const long SmallBody = 64 * 1024;

    private const int LongestAddress = 8 * 1024;
    private const int LongestKey = 255;

    private static readonly Refusal MalformedKey = new(
        "idempotency-key-malformed", "La clé d'idempotence a 255 caractères au plus, ASCII et visibles. Rien n'a été enregistré.", 400);

    public static WebApplicationBuilder AddWeb(this WebApplicationBuilder builder)
    {
        // Outside Development, run from build output, the assets' manifest is not read by itself.
        builder.WebHost.UseStaticWebAssets();
        // Its net for assets that come while one develops takes every GET, and so hides that an address has other methods only (405).
        builder.Configuration["DisableStaticAssetNotFoundRuntimeFallback"] = "true";
        builder.WebHost.ConfigureKestrel(Listen);
        var services = builder.Services;
        services.PostConfigure<LoggerFilterOptions>(QuietAddresses);
        services.AddSingleton(TimeProvider.System);
        services.AddLocalization();
        services.AddSingleton<IStringLocalizer<Texts>, Localizer>();
        services.Configure<RequestLocalizationOptions>(Language.Configure);
        services.Configure<WebEncoderOptions>(options => options.TextEncoderSettings = new TextEncoderSettings(UnicodeRanges.All));
        var demo = DemoMode.IsOn(builder.Configuration);
        services.AddRazorPages(options =>
        {
            options.RootDirectory = "/Features";
            options.Conventions.ConfigureFilter(new StorableForm());
            if (!demo)
                options.Conventions.AddFolderRouteModelConvention("/TryOut", page => page.Selectors.Clear());
        })
            .AddViewOptions(options => options.HtmlHelperOptions.ClientValidationEnabled = false)
            .AddDataAnnotationsLocalization(options => options.DataAnnotationLocalizerProvider = (_, _) => new Localizer());
        services.AddAntiforgery(options => options.Cookie.Name = "antiforgery");
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(Json);
        builder.AddDemo();
        return builder;
    }

    public static WebApplication UseWeb(this WebApplication app)
    {
        app.Use(SecurityHeaders.Add);
        app.Use(Viewer.Share);
        app.UseRequestLocalization();
        app.UseStatusCodePages(status => Answers.Complete(status.HttpContext, status.Next));
        app.Use(Answers.CatchFaults);
        app.Use(RefuseMalformed);
        app.Use(RefuseUnreadable);
        app.UseRouting();
        app.Use(AnswerUnrouted);
        app.Use(CrossSite.Check);
        app.UseAuthentication();
        app.UseAuthorization();
        app.Use(RequestFingerprint.Take);
        return app;
    }

    public static WebApplication MapWeb(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorPages().WithStaticAssets();
        app.MapLanguage();
        app.MapViewer();
        return app;
    }

    /// <summary>
    /// The line that each request would leave holds its whole address, and in that of a raw deposit stands the title: whatever level is configured,
    /// for whatever sink, no log gets it.
    /// </summary>
    private static void QuietAddresses(LoggerFilterOptions options)
    {
        var sinks = options.Rules.Select(rule => rule.ProviderName).Append(null).Distinct().ToList();
        foreach (var sink in sinks) options.Rules.Add(new LoggerFilterRule(sink, "Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning, null));
    }

    private static void Json(JsonOptions options)
    {
        var json = options.SerializerOptions;
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.AllowDuplicateProperties = false;
        // A member that nothing reads is a typing error: passed over, "use": 1 would become the default number of reads.
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.TypeInfoResolver = (json.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(StorableJson.Require);
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
    }

    private static void Listen(Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        // What the connection itself refuses has no body: what can be taken in that far is refused here, with one.
        options.Limits.MaxRequestLineSize = 8 * LongestAddress;
        options.RequestHeaderEncodingSelector = name =>
            string.Equals(name, Requests.IdempotencyKeyName, StringComparison.OrdinalIgnoreCase) ? System.Text.Encoding.Latin1 : null!;
    }

    /// <summary>A body that is read whole before anything is done with it: JSON, a plain form.</summary>
    internal static bool HasSmallBody(HttpRequest request) =>
        request.HasJsonContentType() || request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;

    private static Task RefuseMalformed(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (context.Features.Get<IHttpRequestFeature>() is { RawTarget.Length: > LongestAddress })
            throw new BadHttpRequestException("The address is too long.", StatusCodes.Status414UriTooLong);
        if (request.Headers[Requests.IdempotencyKeyName].ToString() is { Length: > 0 } key && (key.Length > LongestKey || key.Any(letter => letter is < ' ' or > '~')))
        {
            Problems.Remember(context, MalformedKey);
            context.Response.StatusCode = MalformedKey.Status;
            return Task.CompletedTask;
        }

        // PostgreSQL can hold no NUL. File names and titles are cleaned of it; in anything else it is a mistake.
        if (request.Query.Any(item => item.Key is not ("fileName" or "title") && item.Value.Any(value => value?.Contains('\0', StringComparison.Ordinal) == true)))
            throw new BadHttpRequestException("The query has a NUL character.");
        if (HasSmallBody(request) && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = SmallBody;
        return next(context);
    }

    /// <summary>What the framework would stumble over: a method that pages take for a form's, and JSON whose encoding it can't read or finds in quotes.</summary>
    private static Task RefuseUnreadable(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (HttpMethods.IsTrace(request.Method) || HttpMethods.IsConnect(request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }

        if (request.HasJsonContentType() && request.GetTypedHeaders().ContentType is { Charset: { HasValue: true } charset } type)
        {
            if (!charset.AsSpan().Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            {
                context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
                return Task.CompletedTask;
            }

            request.ContentType = type.MediaType.ToString();
        }

        return next(context);
    }

    // Without this the fallback policy would answer 401 to a stranger's typing error. The framework's own 405 and 415 endpoints have no metadata.
    private static Task AnswerUnrouted(HttpContext context, RequestDelegate next)
    {
        switch (context.GetEndpoint())
        {
            case null:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            case { Metadata.Count: 0, RequestDelegate: { } answer } and not RouteEndpoint:
                return answer(context);
            default:
                return next(context);
        }
    }
}
