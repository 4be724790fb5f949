using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using CoffreFort.Cryptography;

namespace CoffreFort.Server.Edges.KeyVault;

/// <summary>One answer of the vault. It may hold an unwrapped key: it is cleared when disposed.</summary>
public sealed class KeyVaultAnswer(int status, byte[] body, int length) : IDisposable
{
    public int Status => status;

    public bool IsSuccess => status is >= 200 and < 300;

    /// <summary>The service's code and message, in one line; nothing secret stands in an error.</summary>
    public string Words => $"{status} {Text("error", "code")}: {Text("error", "message")?.Split('\n')[0].Trim()}".TrimEnd(':', ' ');

    /// <summary>A text at a path of names; null when it isn't there.</summary>
    public string? Text(params ReadOnlySpan<string> path) => Find(path, out var reader) && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;

    /// <summary>An instant that the service gives in seconds since 1970.</summary>
    public DateTimeOffset? Instant(params ReadOnlySpan<string> path) =>
        Find(path, out var reader) && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>The bytes of <c>value</c>, base64url; null when there is no such value.</summary>
    public byte[]? Value()
    {
        if (!Find(["value"], out var reader) || reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped) return null;
        var bytes = new byte[Base64Url.GetMaxDecodedLength(reader.ValueSpan.Length)];
        try
        {
            return Base64Url.TryDecodeFromUtf8(reader.ValueSpan, bytes, out var written) ? bytes[..written] : null;
        }
        catch (FormatException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>The same as a key.</summary>
    /// <exception cref="CryptographicFailure">It is not a key of ours.</exception>
    public SecretKey Key()
    {
        var bytes = Value();
        try
        {
            return bytes is { Length: SecretKey.StandardLength } ? SecretKey.CopyOf(bytes) : throw new CryptographicFailure();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(body);

    public override string ToString() => status.ToString(CultureInfo.InvariantCulture);

    private bool Find(ReadOnlySpan<string> path, out Utf8JsonReader reader)
    {
        reader = new Utf8JsonReader(body.AsSpan(0, length));
        try
        {
            if (!reader.Read()) return false;
            foreach (var name in path)
            {
                if (reader.TokenType != JsonTokenType.StartObject || !Member(ref reader, name)) return false;
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Member(ref Utf8JsonReader reader, string name)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found) return true;
            reader.Skip();
        }

        return false;
    }
}
