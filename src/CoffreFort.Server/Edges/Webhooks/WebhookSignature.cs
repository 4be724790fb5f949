using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CoffreFort.Server.Edges.Webhooks;

/// <summary>Signs as Standard Webhooks 1.0 says: HMAC-SHA256 over <c>id.timestamp.body</c>, under a secret written <c>whsec_</c> and base64.</summary>
public sealed class WebhookSignature
{
    private const string Prefix = "whsec_";
    private const int Shortest = 24;
    private const int Longest = 64;

    private readonly byte[] _secret;

    /// <exception cref="FormatException">The secret is not 24 to 64 bytes in base64 after <c>whsec_</c>.</exception>
    public WebhookSignature(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        _secret = secret.StartsWith(Prefix, StringComparison.Ordinal) ? Convert.FromBase64String(secret[Prefix.Length..]) : [];
        if (_secret.Length is < Shortest or > Longest) throw new FormatException("A webhook's secret is 'whsec_' and 24 to 64 bytes in base64.");
    }

    /// <summary>The value of <c>webhook-signature</c>.</summary>
    public string Of(string id, DateTimeOffset timestamp, string body)
    {
        var signed = string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp.ToUnixTimeSeconds()}.{body}");
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(signed)));
    }
}
