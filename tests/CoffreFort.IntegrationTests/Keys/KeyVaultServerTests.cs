using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Core;
using CoffreFort.IntegrationTests.Web;
using CoffreFort.Server.Hosting;
using CoffreFort.Server.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>The whole server with its root keys in a vault: it serves, an outage is said and over with the outage, and what is wrong at the start is told by the status.</summary>
public sealed class KeyVaultServerTests : IAsyncLifetime
{
    private KeyVaultStandIn vault = null!;

    public async Task InitializeAsync() => vault = await KeyVaultStandIn.StartAsync();

    public async Task DisposeAsync() => await vault.DisposeAsync();

    [Fact]
    public async Task it_serves_and_an_outage_of_the_vault_is_an_answer_that_says_so_and_loses_nothing()
    {
        var clock = new ShellClock();
        await using var server = await CoffreFortServer.StartAsync(
            seeded: false, services => services.AddSingleton<TokenCredential>(vault).AddSingleton<TimeProvider>(clock), vault.Settings);
        using var holder = await server.AsAsync("holder");
        var opened = await holder.PostAsync("/api/v1/vaults", null);
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
        Assert.Contains($"POST /keys/coffrefort-{EpochEnd.Current(DateTimeOffset.UtcNow)}/wrapkey", vault.Requests);
        var documents = $"/api/v1/vaults/{(await opened.Content.ReadFromJsonAsync<JsonObject>())!["id"]}/documents?evidenceType=tax-notice&title=Avis";
        Assert.Equal(HttpStatusCode.Created, (await holder.PostAsync(documents, new ByteArrayContent([1, 2, 3]))).StatusCode);

        vault.Down = 503;
        // Nothing is kept in memory so long.
        clock.Ahead += TimeSpan.FromMinutes(6);
        using var refused = await holder.PostAsync(documents, new ByteArrayContent([4, 5, 6]));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);

        vault.Down = null;
        Assert.Equal(HttpStatusCode.Created, (await holder.PostAsync(documents, new ByteArrayContent([4, 5, 6]))).StatusCode);
    }

    [Theory]
    [InlineData(403, RefusedStart.Settings)]
    [InlineData(503, RefusedStart.Unreachable)]
    [InlineData(418, RefusedStart.Settings)]
    [InlineData(200, RefusedStart.Unreachable)]
    public async Task a_vault_that_can_not_be_used_refuses_the_start_with_the_status_that_says_why(int answer, int status)
    {
        vault.Down = answer;
        Assert.Equal(status, await StartAsync(vault.Settings));
    }

    [Fact]
    public async Task a_setting_that_is_wrong_and_a_vault_that_is_not_there_are_told_apart()
    {
        Assert.Equal(RefusedStart.Settings, await StartAsync("--Keys:Azure:Vaults=https://name.vault.azure.net/"));
        await vault.DisposeAsync();
        Assert.Equal(RefusedStart.Unreachable, await StartAsync("--Keys:Azure:Vault=http://127.0.0.1:9/", "--Keys:Azure:PlainLoopback=true"));
    }

    private async Task<int> StartAsync(params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("coffrefort-refused-").FullName;
        try
        {
            return await RefusedStart.RunAsync(() => Program.Build(
                ["--urls", "http://127.0.0.1:0", "--data", folder, "--ConnectionStrings:Journal", "Host=/nowhere", "--ConnectionStrings:Keys", "Host=/nowhere", .. settings],
                services => services.AddSingleton<TokenCredential>(vault)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
