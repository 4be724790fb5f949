using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CoffreFort.Cryptography;
using CoffreFort.Server;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CoffreFort.IntegrationTests.Web;

/// <summary>The web shell alone on a real Kestrel, in demo mode, with a clock that the test sets and a few endpoints to provoke it.</summary>
public sealed class ShellApplication : IAsyncLifetime
{
    private readonly string data = Path.Combine(Path.GetTempPath(), "coffrefort-shell-" + Guid.NewGuid().ToString("n"));
    private WebApplication app = null!;

    public ShellClock Clock { get; } = new();

    public Uri Address => new(app.Urls.Single());

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = ["--demo=true", "--urls=http://127.0.0.1:0"], ApplicationName = typeof(Refusal).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Logging.ClearProviders();
        builder.AddSignIn(data);
        builder.Services.AddSingleton<IRootKey>(_ => FileKeyring.OpenOrCreate(Path.Combine(data, "keyring")));
        builder.AddWeb();
        builder.Services.AddSingleton<TimeProvider>(Clock);
        app = builder.Build();
        app.UseWeb();
        app.MapSignIn();
        app.MapWeb();
        MapProvocations();
        await app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await app.DisposeAsync();
        Directory.Delete(data, recursive: true);
    }

    /// <summary>A client that keeps cookies and follows no redirect.</summary>
    public HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address };

    public async Task<HttpClient> SignedInByCookie(string persona)
    {
        var client = Client();
        using var _ = await client.PostAsync(new Uri($"/demo/sign-in/{persona}", UriKind.Relative), null);
        return client;
    }

    public async Task<HttpClient> SignedInByToken(string persona)
    {
        using var asking = Client();
        asking.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        using var answer = await asking.PostAsync(new Uri($"/demo/sign-in/{persona}", UriKind.Relative), null);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var client = Client();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", body.GetProperty("token").GetString());
        return client;
    }

    private void MapProvocations()
    {
        app.MapGet("/api/v1/shell/me", (Person person) => new { person.Id, person.Name, person.Kinds, person.AuthenticatedAt });
        app.MapGet("/api/v1/shell/auditor", () => "seen").RequireAuthorization(Policies.Auditor);
        app.MapPost("/api/v1/shell/sum", (Sum sum) => sum.Left + sum.Inner.Right);
        app.MapPost("/api/v1/shell/act", () => "done");
        app.MapGet("/api/v1/shell/refusal", () => Problems.Result(new Refusal("consent-expired", "Le partage a pris fin.", Rule: "CPCE L.103"))).AllowAnonymous();
        foreach (var path in new[] { "/api/v1/shell", "/shell" })
        {
            app.MapGet(path + "/fault", string () => throw new InvalidOperationException("secret detail")).AllowAnonymous();
            app.MapGet(path + "/unavailable", string () => throw new Unavailable("journal down: secret detail") { RetryAfter = TimeSpan.FromSeconds(7) }).AllowAnonymous();
            app.MapGet(path + "/cryptographic", string () => throw new CryptographicFailure()).AllowAnonymous();
        }
        app.MapGet("/shell/page", () => Results.Text("page"));
    }

    private sealed record Sum(int Left, Inner Inner);

    private sealed record Inner(int Right);
}
