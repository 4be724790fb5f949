using Azure.Core;
using Azure.Identity;
using CoffreFort.Cryptography;
using CoffreFort.Server;
using CoffreFort.Server.Edges.KeyVault;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>A vault that lies, hangs or is between two states; and what stays in memory of what was sent to it.</summary>
public sealed class KeyVaultGuardTests : IAsyncLifetime, IDisposable
{
    private const int Epoch = 202611;

    private readonly List<TimeSpan> waited = [];
    private readonly List<IDisposable> open = [];
    private ManualClock clock = null!;
    private KeyVaultStandIn vault = null!;
    private KeyVaultRootKey root = null!;

    public async Task InitializeAsync()
    {
        (vault, clock) = (await KeyVaultStandIn.StartAsync(), new ManualClock { Waited = waited });
        root = Root(vault);
    }

    public async Task DisposeAsync() => await vault.DisposeAsync();

    public void Dispose() => open.ForEach(one => one.Dispose());

    [Fact]
    public async Task a_key_that_is_there_is_not_made_a_second_time()
    {
        for (var times = 0; times < 2; times++) await root.PrepareEpochAsync(Epoch, default);
        await root.WrapAsync(Epoch, new byte[32], default);
        Assert.Single(vault.Requests, request => request == $"POST /keys/coffrefort-{Epoch}/create");
    }

    [Fact]
    [Trait("Requirement", "R-383")]
    public async Task told_to_wait_until_an_instant_it_waits_until_then()
    {
        vault.Faults.Enqueue((429, clock.GetUtcNow().AddSeconds(6).ToString("R")));
        await root.PrepareEpochAsync(Epoch, default);
        Assert.Contains(waited, wait => wait > TimeSpan.FromSeconds(4) && wait <= TimeSpan.FromSeconds(6));
    }

    /// <summary>It may be in a deletion that has just begun, or have been brought back: what is not among the deleted keys is not gone for that.</summary>
    [Fact]
    public async Task a_key_that_can_not_be_deleted_is_not_said_to_be_gone()
    {
        var wrapped = await root.WrapAsync(Epoch, new byte[32], default);
        vault.Faults.Enqueue((409, null));
        var kept = await Assert.ThrowsAsync<Unavailable>(() => root.DestroyAsync(wrapped.KeyId, default));
        Assert.Contains($"has not deleted coffrefort-{Epoch} yet", kept.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task an_answer_that_names_another_key_than_the_one_asked_for_is_none()
    {
        var lasting = await root.WrapAsync(new byte[32], default);
        foreach (var id in new[] { lasting.KeyId, "https://evil.example/keys/coffrefort-202611/0123" })
        {
            vault.Lie = (id, null);
            await Assert.ThrowsAsync<Unavailable>(() => root.WrapAsync(Epoch, new byte[32], default));
        }
    }

    [Fact]
    public async Task a_vault_that_gives_another_key_back_is_refused_at_the_start_and_what_is_no_key_is_never_one()
    {
        vault.Lie = (null, new byte[32]);
        Assert.Contains("gave another key back", (await Assert.ThrowsAsync<RootKeyRefused>(() => root.OpenAsync(default))).Message, StringComparison.Ordinal);
        vault.Lie = default;
        var wrapped = await root.WrapAsync(Epoch, new byte[32], default);
        foreach (var length in new[] { 0, 16, 31, 33, 64 })
        {
            vault.Lie = (null, new byte[length]);
            await Assert.ThrowsAsync<CryptographicFailure>(() => root.UnwrapAsync(wrapped.Bytes, wrapped.KeyId, default));
        }
    }

    [Fact]
    [Trait("Requirement", "R-383")]
    public async Task an_identity_that_can_not_be_asked_and_a_vault_that_hangs_are_outages_that_say_when_to_come_back()
    {
        var nobody = Root(new NoIdentity());
        var hanging = Root(vault, new Transport(_ => throw new TaskCanceledException("It took too long.")));
        foreach (var (without, why) in new[] { (nobody, "no identity"), (hanging, "does not answer in time") })
        {
            var outage = await Assert.ThrowsAsync<Unavailable>(() => without.PrepareEpochAsync(Epoch, default));
            Assert.Contains(why, outage.Message, StringComparison.Ordinal);
            Assert.Equal(TimeSpan.FromSeconds(5), outage.RetryAfter);
        }
    }

    [Fact]
    [Trait("Requirement", "R-382")]
    public async Task what_was_sent_and_what_came_back_is_cleared()
    {
        var sent = new List<MemoryStream>();
        var spied = Root(vault, new Transport(request => sent.Add((MemoryStream)request.Content!.ReadAsStream())) { InnerHandler = new SocketsHttpHandler() });
        await root.PrepareEpochAsync(Epoch, default);
        await spied.WrapAsync(Epoch, new byte[32], default);
        Assert.All(Assert.Single(sent).ToArray(), value => Assert.Equal(0, value));

        var body = """{"value":"c2VjcmV0"}"""u8.ToArray();
        using (var answer = new KeyVaultAnswer(200, body, body.Length)) Assert.Equal("secret"u8.ToArray(), answer.Value());
        Assert.All(body, value => Assert.Equal(0, value));
    }

    private KeyVaultRootKey Root(TokenCredential identity, HttpMessageHandler? transport = null)
    {
        var settings = KeyVaultSettings.Read(vault.Configuration)!;
        var client = new KeyVaultClient(settings, identity, clock, transport);
        open.Add(client);
        return new KeyVaultRootKey(client, settings, () => throw new InvalidOperationException("No keyring here."), clock);
    }

    /// <summary>Told of each request before it goes on, if it does.</summary>
    private sealed class Transport(Action<HttpRequestMessage> tell) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            tell(request);
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class NoIdentity : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new CredentialUnavailableException("There is no identity.");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new CredentialUnavailableException("There is no identity.");
    }
}
