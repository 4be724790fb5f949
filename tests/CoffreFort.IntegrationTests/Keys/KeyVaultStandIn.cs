using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Azure.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>
/// Speaks what Microsoft documents of Key Vault's REST interface (api-version 7.4): keys with versions, wrapKey and unwrapKey, soft deletion and purge, challenges,
/// throttling. It is also the identity that gives tokens for it. The real service was never asked.
/// </summary>
internal sealed class KeyVaultStandIn : TokenCredential, IAsyncDisposable
{
    // It is asked for 3072 bits, and checks that; making those would take seconds.
    private static readonly Lazy<RSA>[] Material = [.. Enumerable.Range(0, 6).Select(_ => new Lazy<RSA>(() => RSA.Create(2048)))];

    private readonly Dictionary<string, (string Version, RSA Key)> _keys = [];
    private readonly Dictionary<string, int> _deleted = [];
    private readonly HashSet<string> _valid = [];
    private readonly WebApplication _application;
    private int _made;
    private int _tokens;

    private KeyVaultStandIn(WebApplication application) => _application = application;

    public Uri Address => new(_application.Urls.Single());

    public string[] Settings => [$"--Keys:Azure:Vault={Address}", "--Keys:Azure:PlainLoopback=true"];

    public IConfiguration Configuration => new ConfigurationBuilder().AddCommandLine(Settings).Build();

    /// <summary>What came, such as <c>POST /keys/coffrefort-root/wrapkey</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public int Tokens => _tokens;

    /// <summary>For what a token was asked last.</summary>
    public TokenRequestContext Asked { get; private set; }

    public TimeSpan TokensLast { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Answers to give before the ordinary ones.</summary>
    public ConcurrentQueue<(int Status, string? RetryAfter)> Faults { get; } = [];

    /// <summary>Answers so to everything.</summary>
    public int? Down { get; set; }

    public bool PurgeProtection { get; set; }

    /// <summary>What it lies about: the key it says that it used, and what it unwrapped.</summary>
    public (string? KeyId, byte[]? Unwrapped) Lie { get; set; }

    public static async Task<KeyVaultStandIn> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        var vault = new KeyVaultStandIn(application);
        application.Run(vault.AnswerAsync);
        await application.StartAsync();
        return vault;
    }

    /// <summary>All tokens that were given are worth nothing from now on.</summary>
    public void RevokeTokens()
    {
        lock (_valid) _valid.Clear();
    }

    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        Asked = requestContext;
        var token = $"token-{Interlocked.Increment(ref _tokens)}";
        lock (_valid) _valid.Add(token);
        return new AccessToken(token, DateTimeOffset.UtcNow + TokensLast);
    }

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        Requests.Enqueue($"{http.Request.Method} {http.Request.Path}");
        var body = http.Request.ContentLength > 0 ? await JsonNode.ParseAsync(http.Request.Body) : null;
        var (status, answer) = Faults.TryDequeue(out var fault) ? (fault.Status, Error("Fault", "A fault.")) : Down is { } down ? (down, Error("Down", "Down.")) : Decide(http, body);
        if (fault.RetryAfter is { } after) http.Response.Headers.RetryAfter = after;
        http.Response.StatusCode = status;
        if (status == StatusCodes.Status401Unauthorized)
        {
            var claims = Convert.ToBase64String("""{"access_token":{"nbf":{"essential":true}}}"""u8);
            http.Response.Headers.WWWAuthenticate = $"Bearer authorization=\"https://login.microsoftonline.com/tenant\", resource=\"https://evil.example\", error=\"insufficient_claims\", claims=\"{claims}\"";
        }

        if (answer is not null) await http.Response.WriteAsJsonAsync(answer);
    }

    private (int Status, JsonNode? Body) Decide(HttpContext http, JsonNode? body)
    {
        if (http.Request.Query["api-version"] != "7.4") return (400, Error("BadParameter", "api-version"));
        lock (_valid)
        {
            if (!_valid.Contains(http.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal))) return (401, Error("Unauthorized", "AKV10000"));
            return (http.Request.Method, http.Request.Path.Value!.Trim('/').Split('/')) switch
            {
                ("GET", ["keys", var name]) => _keys.ContainsKey(name) ? (200, Bundle(name)) : Missing(name),
                ("POST", ["keys", var name, "create"]) => Create(name, body!),
                ("POST", ["keys", var name, "wrapkey"]) => _keys.TryGetValue(name, out var key) ? Cipher(name, body!, value => key.Key.Encrypt(value, RSAEncryptionPadding.OaepSHA256)) : Missing(name),
                ("POST", ["keys", var name, var version, "unwrapkey"]) when _keys.TryGetValue(name, out var key) && key.Version == version =>
                    Cipher(name, body!, value => Lie.Unwrapped ?? key.Key.Decrypt(value, RSAEncryptionPadding.OaepSHA256)),
                ("POST", ["keys", var name, _, "unwrapkey"]) => Missing(name),
                ("DELETE", ["keys", var name]) => Delete(name),
                ("GET", ["deletedkeys", var name]) => _deleted.ContainsKey(name) ? (200, Deleted(name)) : Missing(name),
                ("DELETE", ["deletedkeys", var name]) => Purge(name),
                _ => (404, Error("NotFound", "No such resource.")),
            };
        }
    }

    private (int, JsonNode?) Create(string name, JsonNode body)
    {
        if (_deleted.ContainsKey(name)) return (409, Error("Conflict", $"Key {name} is currently in a deleted but recoverable state"));
        if ((string?)body["kty"] != "RSA" || (int?)body["key_size"] != 3072) return (400, Error("BadParameter", "kty"));
        _keys[name] = (Guid.NewGuid().ToString("N"), Material[_made++ % Material.Length].Value);
        return (200, Bundle(name));
    }

    private (int, JsonNode?) Cipher(string name, JsonNode body, Func<byte[], byte[]> cipher)
    {
        if ((string?)body["alg"] != "RSA-OAEP-256") return (400, Error("BadParameter", "alg"));
        try
        {
            return (200, new JsonObject { ["kid"] = Lie.KeyId ?? Id(name), ["value"] = Base64Url.EncodeToString(cipher(Base64Url.DecodeFromChars((string)body["value"]!))) });
        }
        catch (CryptographicException)
        {
            return (400, Error("BadParameter", "The parameter is incorrect."));
        }
    }

    private (int, JsonNode?) Delete(string name)
    {
        if (!_keys.Remove(name)) return Missing(name);
        // Neither here nor there for a moment, as the service says of it.
        _deleted[name] = 2;
        return (200, Deleted(name));
    }

    private (int, JsonNode?) Purge(string name)
    {
        if (!_deleted.TryGetValue(name, out var moments)) return Missing(name);
        if (moments > 0)
        {
            _deleted[name]--;
            return (409, Error("Conflict", "ObjectIsBeingDeleted"));
        }

        if (PurgeProtection) return (403, Error("Forbidden", "Operation \"purge\" is not enabled for this vault."));
        _deleted.Remove(name);
        return (204, null);
    }

    private string Id(string name) => $"{Address}keys/{name}/{_keys[name].Version}";

    private JsonObject Bundle(string name) => new() { ["key"] = new JsonObject { ["kid"] = Id(name), ["kty"] = "RSA" }, ["attributes"] = new JsonObject { ["enabled"] = true, ["recoverableDays"] = 7 } };

    private static JsonObject Deleted(string name) => new() { ["recoveryId"] = $"deletedkeys/{name}", ["scheduledPurgeDate"] = DateTimeOffset.UtcNow.AddDays(7).ToUnixTimeSeconds() };

    private static (int, JsonNode?) Missing(string name) => (404, Error("KeyNotFound", string.Create(CultureInfo.InvariantCulture, $"A key with (name/id) {name} was not found in this key vault.")));

    private static JsonObject Error(string code, string message) => new() { ["error"] = new JsonObject { ["code"] = code, ["message"] = message } };
}
