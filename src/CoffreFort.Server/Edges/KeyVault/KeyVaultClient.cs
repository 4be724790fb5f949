using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Identity;

namespace CoffreFort.Server.Edges.KeyVault;

/// <summary>
/// Speaks to one vault over its REST interface (api-version 7.4): brings a token along and another one when that is refused, waits as long as it is told to when throttled, tries failures of the service
/// again, and gives up within half a minute. Safe for concurrent use.
/// </summary>
public sealed class KeyVaultClient(KeyVaultSettings settings, TokenCredential identity, TimeProvider clock, HttpMessageHandler? transport = null) : IDisposable
{
    private const string Version = "api-version=7.4";
    private const int MostTries = 4;
    private const int LongestAnswer = 64 * 1024;
    private static readonly TimeSpan Each = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan BeforeExpiry = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = new(transport ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionLifetime = TimeSpan.FromMinutes(10) })
    {
        BaseAddress = settings.Vault, Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly SemaphoreSlim _asking = new(1, 1);
    private AccessToken _token;

    public Uri Vault => settings.Vault;

    /// <summary>Sends a request and gives the answer, whatever its status, unless the service can't answer now.</summary>
    /// <exception cref="Unavailable">It can't be reached, or goes on failing or throttling.</exception>
    public async Task<KeyVaultAnswer> SendAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellation)
    {
        var (refused, why, wait) = (default(AuthenticationHeaderValue), "", TimeSpan.Zero);
        var asked = false;
        for (var tries = 1; ; tries++)
        {
            try
            {
                using var answer = await TryAsync(method, path, body, await TokenAsync(refused, cancellation), cancellation);
                if (answer.StatusCode == HttpStatusCode.Unauthorized && !asked)
                {
                    // Expired or revoked, or the service wants to be asked for with claims.
                    (asked, refused) = (true, answer.Headers.WwwAuthenticate.FirstOrDefault(one => one.Scheme == "Bearer") ?? new AuthenticationHeaderValue("Bearer"));
                    continue;
                }

                refused = null;
                if ((int)answer.StatusCode is not (408 or 429 or >= 500)) return await ReadAsync(answer, cancellation);
                (why, wait) = ($"it answers {(int)answer.StatusCode}", Wait(answer.Headers.RetryAfter, tries));
            }
            catch (Exception failure) when (IsOutage(failure, cancellation))
            {
                (why, wait) = (failure is OperationCanceledException ? "it does not answer in time" : failure.Message.Split('\n')[0].Trim(), Wait(null, tries));
            }

            if (tries >= MostTries || wait > LongestWait) throw new Unavailable($"The key vault {settings.Vault} can't be used: {why}.") { RetryAfter = wait < TimeSpan.FromSeconds(5) ? TimeSpan.FromSeconds(5) : wait };
            await Task.Delay(wait, clock, cancellation);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _asking.Dispose();
    }

    private async Task<HttpResponseMessage> TryAsync(HttpMethod method, string path, byte[]? body, string token, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Each);
        using var request = new HttpRequestMessage(method, $"{path}?{Version}") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        if (body is not null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") } };
        var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        return answer;
    }

    /// <summary>Into memory of our own, which is cleared.</summary>
    private static async Task<KeyVaultAnswer> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Each);
        var bytes = GC.AllocateUninitializedArray<byte>(LongestAnswer, pinned: true);
        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(limit.Token);
            var length = await stream.ReadAtLeastAsync(bytes, LongestAnswer, throwOnEndOfStream: false, limit.Token);
            return new KeyVaultAnswer((int)answer.StatusCode, bytes, length);
        }
        catch
        {
            CryptographicOperations.ZeroMemory(bytes);
            throw;
        }
    }

    /// <param name="refused">The service's challenge, when the token at hand was refused.</param>
    /// <param name="cancellation">Ends the wait.</param>
    private async Task<string> TokenAsync(AuthenticationHeaderValue? refused, CancellationToken cancellation)
    {
        await _asking.WaitAsync(cancellation);
        try
        {
            if (refused is null && _token.Token is not null && _token.ExpiresOn - BeforeExpiry > clock.GetUtcNow()) return _token.Token;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Each);
            _token = await identity.GetTokenAsync(new TokenRequestContext([settings.Scope], claims: Claims(refused)), limit.Token);
            return _token.Token;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Continuous access evaluation: what the next token must state. Whom it is for is ours to say, never the challenge's.</summary>
    private static string? Claims(AuthenticationHeaderValue? challenge)
    {
        const string name = "claims=\"";
        if (challenge?.Parameter is not { } parameter || parameter.IndexOf(name, StringComparison.OrdinalIgnoreCase) is not (>= 0 and var at)) return null;
        var claims = parameter[(at + name.Length)..].Split('"')[0];
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(claims));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private TimeSpan Wait(RetryConditionHeaderValue? told, int tries) =>
        told?.Delta ?? (told?.Date is { } date && date > clock.GetUtcNow() ? date - clock.GetUtcNow() : TimeSpan.FromMilliseconds(200 * Math.Pow(2, tries - 1)));

    private static bool IsOutage(Exception failure, CancellationToken cancellation) => failure switch
    {
        OperationCanceledException => !cancellation.IsCancellationRequested,
        HttpRequestException or IOException or AuthenticationFailedException => true,
        AggregateException several => several.InnerExceptions.All(one => IsOutage(one, cancellation)),
        _ => false,
    };
}
