using System.Net.Http.Headers;
using System.Net.Http.Json;
using CoffreFort.EventStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CoffreFort.IntegrationTests;

/// <summary>The real application on a real port, over databases and a data folder of its own, in demo mode (without the story's seed unless asked).</summary>
public sealed class CoffreFortServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly TestDatabase _journal;
    private readonly TestDatabase _keys;
    private readonly Dictionary<string, string> _tokens = [];

    private CoffreFortServer(WebApplication application, TestDatabase journal, TestDatabase keys, string data, StoredBlobs blobs)
    {
        (_application, _journal, _keys, Data, Blobs) = (application, journal, keys, data, blobs);
        Address = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public Uri Address { get; }

    /// <summary>The data folder: blobs, keyring.</summary>
    public string Data { get; }

    /// <summary>Past the server.</summary>
    public StoredBlobs Blobs { get; }

    public TestDatabase JournalDatabase => _journal;

    public TestDatabase KeyDatabase => _keys;

    /// <summary>Databases and data folder are another node's.</summary>
    private bool IsGuest { get; init; }

    public IServiceProvider Services => _application.Services;

    public EventStore.Journal Journal => Services.GetRequiredService<EventStore.Journal>();

    /// <param name="seeded">With the demo's agencies and their clerks; the story is told only with <c>--demo:story true</c> among the arguments.</param>
    /// <param name="configure">Puts other parts in place of the real ones: for faults that these can't make on command.</param>
    /// <param name="arguments">More configuration, such as <c>--Journal:ClockOffset 40.00:00:00</c>.</param>
    public static async Task<CoffreFortServer> StartAsync(bool seeded = true, Action<IServiceCollection>? configure = null, params string[] arguments) =>
        await StartOnAsync(await PostgresCluster.Shared, seeded, configure, arguments);

    /// <summary>The same over a cluster of the caller's.</summary>
    public static async Task<CoffreFortServer> StartOnAsync(PostgresCluster cluster, bool seeded, Action<IServiceCollection>? configure, string[] arguments)
    {
        var journal = await cluster.CreateDatabaseAsync("journal", async database =>
        {
            await using var owner = NpgsqlDataSource.Create(database.OwnerConnectionString);
            await JournalSchema.MigrateAsync(owner);
        });
        var keys = await cluster.CreateDatabaseAsync("keys", async database =>
        {
            await using var owner = NpgsqlDataSource.Create(database.OwnerConnectionString);
            await Server.Keys.KeyDatabase.MigrateAsync(owner, CancellationToken.None);
        });
        var data = Directory.CreateTempSubdirectory("coffrefort-server-").FullName;
        await TestKeyring.CopyToAsync(data);
        var blobs = new StoredBlobs(data, await Azurite.SuiteSettingsAsync());
        return new CoffreFortServer(await BuildAsync(seeded, journal, keys, data, configure, [.. blobs.Settings, .. arguments]), journal, keys, data, blobs);
    }

    /// <summary>One more node over the same databases and data folder; it goes before the first one does.</summary>
    public async Task<CoffreFortServer> AnotherNodeAsync(Action<IServiceCollection>? configure = null, params string[] arguments) =>
        new(await BuildAsync(seeded: false, _journal, _keys, Data, configure, [.. Blobs.Settings, .. arguments]), _journal, _keys, Data, Blobs) { IsGuest = true };

    /// <summary>A server over databases, a data folder and blobs of the caller's: restored from a backup, say. They stay.</summary>
    public static async Task<CoffreFortServer> OverAsync(TestDatabase journal, TestDatabase keys, string data, StoredBlobs blobs) =>
        new(await BuildAsync(seeded: false, journal, keys, data, null, blobs.Settings), journal, keys, data, blobs) { IsGuest = true };

    /// <summary>A client without credentials.</summary>
    public HttpClient Anonymous() => new() { BaseAddress = Address };

    /// <summary>A client signed in as a demo persona by bearer token.</summary>
    public async Task<HttpClient> AsAsync(string persona)
    {
        if (!_tokens.TryGetValue(persona, out var token))
        {
            using var anonymous = Anonymous();
            anonymous.DefaultRequestHeaders.Accept.ParseAdd("application/json");
            using var answer = await anonymous.PostAsync(new Uri($"/demo/sign-in/{persona}", UriKind.Relative), null);
            answer.EnsureSuccessStatusCode();
            _tokens[persona] = token = (await answer.Content.ReadFromJsonAsync<Token>())!.Value;
        }

        return new HttpClient { BaseAddress = Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }

    /// <summary>Nothing runs on its data any more; its services still do.</summary>
    public Task StopAsync() => _application.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
        if (IsGuest) return;
        await _journal.DisposeAsync();
        await _keys.DisposeAsync();
        Directory.Delete(Data, recursive: true);
    }

    private static async Task<WebApplication> BuildAsync(
        bool seeded, TestDatabase journal, TestDatabase keys, string data, Action<IServiceCollection>? configure, string[] arguments)
    {
        var application = Program.Build(
        [
            "--urls", "http://127.0.0.1:0", "--data", data, "--demo", "true", "--demo:seed", seeded ? "true" : "false",
            "--ConnectionStrings:Journal", journal.ApplicationConnectionString, "--ConnectionStrings:Keys", keys.ApplicationConnectionString,
            "--demo:story", "false", "--Logging:LogLevel:Default", "Warning", .. arguments,
        ], configure);
        await application.StartAsync();
        return application;
    }

    private sealed record Token([property: System.Text.Json.Serialization.JsonPropertyName("token")] string Value);
}
