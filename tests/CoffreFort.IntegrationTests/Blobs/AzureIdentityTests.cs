using System.Globalization;
using System.Net;
using Azure.Core.Pipeline;
using CoffreFort.Server.Edges.Blobs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace CoffreFort.IntegrationTests.Blobs;

/// <summary>Entry as a managed identity: the token comes from the platform's endpoint (that of App Service, here a stand-in), and goes with each request.</summary>
public sealed class AzureIdentityTests : IAsyncLifetime
{
    private const string Secret = "of the platform";
    private const string Client = "6f0f3c5e-7a53-4f0f-9a55-0d1f4f9e6c11";
    private static readonly string[] Variables = ["IDENTITY_ENDPOINT", "IDENTITY_HEADER"];

    private readonly List<string> asked = [];
    private WebApplication platform = null!;
    private bool refuses;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        platform = builder.Build();
        platform.Run(AnswerAsync);
        await platform.StartAsync();
        Environment.SetEnvironmentVariable(Variables[0], $"{platform.Urls.Single()}/msi/token");
        Environment.SetEnvironmentVariable(Variables[1], Secret);
    }

    public async Task DisposeAsync()
    {
        foreach (var variable in Variables) Environment.SetEnvironmentVariable(variable, null);
        await platform.DisposeAsync();
    }

    [Fact]
    public async Task each_request_carries_the_token_of_the_servers_identity()
    {
        using var account = new Account();
        var store = Store(account);
        Assert.Null(await store.LengthAsync(BlobName.New()));
        Assert.Null(await store.LengthAsync(BlobName.New()));
        Assert.Equal(["Bearer token-1", "Bearer token-1"], account.Authorizations);
        var question = Assert.Single(asked);
        Assert.Contains("resource=https://storage.azure.com", Uri.UnescapeDataString(question), StringComparison.Ordinal);
        Assert.Contains(Client, question, StringComparison.Ordinal);
    }

    [Fact]
    public async Task an_identity_that_is_refused_is_a_failing_store_and_is_said_in_one_line()
    {
        refuses = true;
        using var account = new Account();
        var store = Store(account);
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => store.LengthAsync(BlobName.New()));
        var health = await store.ProbeAsync();
        Assert.False(health.Writable);
        Assert.DoesNotContain('\n', health.Problem!);
        Assert.Empty(account.Authorizations);
    }

    private static AzureBlobStore Store(Account account)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Blobs:Azure:Container", "https://account.blob.core.windows.net/coffrefort"), new("Blobs:Azure:ClientId", Client),
        ]).Build();
        return new AzureBlobStore(AzureBlobSettings.Read(settings)!.Connect(options => (options.Transport, options.Retry.MaxRetries) = (new HttpClientTransport(account), 0)));
    }

    private async Task AnswerAsync(HttpContext http)
    {
        lock (asked) asked.Add(http.Request.QueryString.Value!);
        if (refuses || http.Request.Headers["X-IDENTITY-HEADER"] != Secret)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            await http.Response.WriteAsJsonAsync(new { statusCode = 400, message = "No identity was assigned." });
            return;
        }

        var expires = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        await http.Response.WriteAsJsonAsync(new { access_token = "token-1", expires_on = expires, resource = "https://storage.azure.com", token_type = "Bearer", client_id = Client });
    }

    private sealed class Account : HttpMessageHandler
    {
        public List<string> Authorizations { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            lock (Authorizations) Authorizations.Add(request.Headers.Authorization!.ToString());
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound) { Headers = { { "x-ms-error-code", "BlobNotFound" } } });
        }
    }
}
