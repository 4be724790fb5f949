using CoffreFort.Cryptography;
using CoffreFort.Server;
using CoffreFort.Server.Edges.KeyVault;
using CoffreFort.Server.Hosting;
using Microsoft.Extensions.Configuration;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>Root keys in a vault that speaks Azure Key Vault's protocol, at its best and at its worst.</summary>
public sealed class KeyVaultTests : IAsyncLifetime, IDisposable
{
    private readonly List<TimeSpan> waited = [];
    private ManualClock clock = null!;
    private KeyVaultStandIn vault = null!;
    private KeyVaultClient client = null!;
    private KeyVaultRootKey root = null!;

    public async Task InitializeAsync()
    {
        (vault, clock) = (await KeyVaultStandIn.StartAsync(), new ManualClock { Waited = waited });
        var settings = KeyVaultSettings.Read(vault.Configuration)!;
        client = new KeyVaultClient(settings, vault, clock);
        root = new KeyVaultRootKey(client, settings, () => throw new InvalidOperationException("No keyring here."), clock);
    }

    public async Task DisposeAsync() => await vault.DisposeAsync();

    public void Dispose() => client.Dispose();

    [Fact]
    public async Task each_epoch_has_a_key_of_its_own_that_ends_for_good_and_alone()
    {
        using var key = SecretKey.Generate();
        await root.OpenAsync(default);
        var (october, november) = (await root.WrapAsync(202610, key.Bytes.ToArray(), default), await root.WrapAsync(202611, key.Bytes.ToArray(), default));
        Assert.StartsWith($"{vault.Address}keys/coffrefort-202610/", october.KeyId, StringComparison.Ordinal);
        await AssertUnwrapsAsync(key, october);
        await Assert.ThrowsAsync<CryptographicFailure>(() => root.UnwrapAsync(october.Bytes, november.KeyId, default));

        Assert.Null(await root.DestroyAsync(october.KeyId, default));
        Assert.Null(await root.DestroyAsync(october.KeyId, default));

        Assert.Contains("DELETE /deletedkeys/coffrefort-202610", vault.Requests);
        await Assert.ThrowsAsync<RootKeyRefused>(() => root.UnwrapAsync(october.Bytes, october.KeyId, default));
        await AssertUnwrapsAsync(key, november);
        Assert.Equal("https://vault.azure.net/.default", Assert.Single(vault.Asked.Scopes));
        Assert.Equal(1, vault.Tokens);
    }

    [Fact]
    public async Task a_vault_that_forbids_purging_says_until_when_the_key_can_be_brought_back()
    {
        vault.PurgeProtection = true;
        var wrapped = await root.WrapAsync(202610, new byte[32], default);
        Assert.InRange((await root.DestroyAsync(wrapped.KeyId, default))!.Value, DateTimeOffset.UtcNow.AddDays(6), DateTimeOffset.UtcNow.AddDays(8));
    }

    [Fact]
    [Trait("Requirement", "R-383")]
    public async Task a_token_that_is_refused_is_asked_for_again_once_for_our_own_scope_with_the_claims_of_the_challenge()
    {
        var wrapped = await root.WrapAsync(202611, new byte[32], default);
        vault.RevokeTokens();
        using (await root.UnwrapAsync(wrapped.Bytes, wrapped.KeyId, default)) { }
        Assert.Equal(2, vault.Tokens);
        Assert.Equal(["https://vault.azure.net/.default"], vault.Asked.Scopes);
        Assert.Contains("access_token", vault.Asked.Claims, StringComparison.Ordinal);

        vault.Down = 401;
        await Assert.ThrowsAsync<RootKeyRefused>(() => root.UnwrapAsync(wrapped.Bytes, wrapped.KeyId, default));
        Assert.Equal(3, vault.Tokens);
    }

    [Fact]
    public async Task a_token_is_renewed_before_it_expires()
    {
        await root.PrepareEpochAsync(202611, default);
        clock.Advance(TimeSpan.FromMinutes(50));
        await root.PrepareEpochAsync(202611, default);
        Assert.Equal(1, vault.Tokens);
        clock.Advance(TimeSpan.FromMinutes(9));
        await root.PrepareEpochAsync(202611, default);
        Assert.Equal(2, vault.Tokens);
    }

    [Fact]
    [Trait("Requirement", "R-383")]
    public async Task throttled_it_waits_as_long_as_it_is_told_and_no_longer_than_a_request_can()
    {
        vault.Faults.Enqueue((429, "3"));
        vault.Faults.Enqueue((429, "7"));
        await root.PrepareEpochAsync(202611, default);
        Assert.Equal([TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(7)], waited.Where(wait => wait.TotalSeconds is 3 or 7));

        vault.Faults.Enqueue((429, "40"));
        var outage = await Assert.ThrowsAsync<Unavailable>(() => root.PrepareEpochAsync(202611, default));
        Assert.Equal(TimeSpan.FromSeconds(40), outage.RetryAfter);
        Assert.DoesNotContain(TimeSpan.FromSeconds(40), waited);
    }

    [Fact]
    [Trait("Requirement", "R-383")]
    public async Task a_service_that_fails_for_a_moment_is_tried_again_and_one_that_goes_on_failing_is_an_outage()
    {
        foreach (var status in new[] { 500, 503, 408 }) vault.Faults.Enqueue((status, null));
        await root.PrepareEpochAsync(202611, default);

        vault.Down = 503;
        var asked = vault.Requests.Count;
        Assert.Contains("503", (await Assert.ThrowsAsync<Unavailable>(() => root.PrepareEpochAsync(202611, default))).Message, StringComparison.Ordinal);
        Assert.Equal(4, vault.Requests.Count - asked);

        await vault.DisposeAsync();
        await Assert.ThrowsAsync<Unavailable>(() => root.PrepareEpochAsync(202611, default));
    }

    [Fact]
    [Trait("Requirement", "R-383")]
    public async Task a_key_id_that_names_another_vault_gets_no_token_of_ours()
    {
        await root.OpenAsync(default);
        var asked = vault.Requests.Count;
        foreach (var id in new[] { "http://127.0.0.1:9/keys/coffrefort-202611/0123", "https://evil.example/keys/coffrefort-202611/0123", $"{vault.Address}secrets/x/1", $"{vault.Address}keys/../x/y/z", "memory:1" })
        {
            await Assert.ThrowsAsync<RootKeyRefused>(() => root.UnwrapAsync(new byte[256], id, default));
            await Assert.ThrowsAsync<RootKeyRefused>(() => root.DestroyAsync(id, default));
        }

        await Assert.ThrowsAsync<RootKeyRefused>(() => root.DestroyAsync($"{vault.Address}keys/coffrefort-root/0123", default));
        Assert.Equal(asked, vault.Requests.Count);
    }

    [Theory]
    [InlineData("http://name.vault.azure.net/", "false", "https address")]
    [InlineData("http://name.vault.azure.net/", "true", "on this machine")]
    [InlineData("https://name.vault.azure.net/keys/x", "false", "nothing behind it")]
    [InlineData("", "false", "is missing")]
    [InlineData("https://name.vault.azure.net/", "perhaps", "true or false")]
    public void a_vault_that_cannot_be_meant_is_refused_by_name(string address, string plain, string why)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Keys:Azure:Vault", address), new("Keys:Azure:PlainLoopback", plain)]).Build();
        Assert.Contains(why, Assert.Throws<SettingsException>(() => KeyVaultSettings.Read(settings)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void a_token_is_for_the_service_that_the_vault_belongs_to()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Keys:Azure:Vault", "https://name.vault.usgovcloudapi.net/")]).Build();
        Assert.Equal("https://vault.usgovcloudapi.net/.default", KeyVaultSettings.Read(settings)!.Scope);
        Assert.Null(KeyVaultSettings.Read(new ConfigurationBuilder().Build()));
    }

    private async Task AssertUnwrapsAsync(SecretKey expected, RootWrapped wrapped)
    {
        using var key = await root.UnwrapAsync(wrapped.Bytes, wrapped.KeyId, default);
        Assert.Equal(expected.Bytes.ToArray(), key.Bytes.ToArray());
    }
}
