using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CoffreFort.Server.Outbox;

namespace CoffreFort.Server.Features.Operations;

/// <summary>Something that the operator should know now: a CloudEvents envelope with a code, a name or id, and an instant. Never data.</summary>
public static class Alert
{
    public const string Destination = "alerts";

    /// <param name="code">Stable, kebab-case: <c>subscription-stopped</c>.</param>
    /// <param name="subject">What it is about: a subscription's name, an event's id.</param>
    /// <param name="since">When it began. Code, subject and this make the message's id: every node that notices writes the same message.</param>
    public static OutboxMessage Of(string code, string subject, DateTimeOffset since) => Message($"coffrefort.alert.{code}", code, subject, since);

    /// <summary>What was told of with the same three is over.</summary>
    public static OutboxMessage Over(string code, string subject, DateTimeOffset since) => Message($"coffrefort.alert-over.{code}", code, subject, since);

    private static OutboxMessage Message(string type, string code, string subject, DateTimeOffset since)
    {
        var id = Id($"{type}\n{subject}\n{since.ToUnixTimeMilliseconds()}");
        var body = JsonSerializer.Serialize(new
        {
            specversion = "1.0", id, source = "coffrefort", type, subject, time = since.ToUniversalTime(), datacontenttype = "application/json", data = new { code, subject },
        });
        return new OutboxMessage(id, Destination, type, body);
    }

    /// <summary>A UUID of version 8 (RFC 9562 §5.8) from a digest.</summary>
    private static Guid Id(string of)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(of)).AsSpan(0, 16);
        bytes[6] = (byte)(bytes[6] & 0x0f | 0x80);
        bytes[8] = (byte)(bytes[8] & 0x3f | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
