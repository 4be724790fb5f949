using System.Security.Cryptography;
using System.Text;
using CoffreFort.Cryptography.Cms;
using CoffreFort.EventStore;

namespace CoffreFort.Server.Features.Receipts;

/// <summary>A receipt was signed under the operator's seal: what was signed once is given out again, byte for byte, and never signed anew.</summary>
/// <param name="Of">The event that it states.</param>
/// <param name="Vault">Whose vault it concerns.</param>
/// <param name="Receipt">CAdES-B (DER, base 64; docs/spec/receipt.md). It holds opaque ids only.</param>
public sealed record ReceiptIssued(Guid Of, Guid Vault, string Receipt) : IEvent;

/// <summary>An authority timestamped the receipt's signature: from now on it is CAdES-T.</summary>
/// <param name="Token">RFC 3161 (DER, base 64).</param>
public sealed record ReceiptTimestamped(string Token) : IEvent;

/// <summary>The receipt of one event.</summary>
/// <param name="Of">The event; empty before there is a receipt.</param>
/// <param name="Content">As it was signed, base 64; null before there is a receipt.</param>
/// <param name="Token">The timestamp over its signature, base 64; null while it has none.</param>
public sealed record IssuedReceipt(Guid Of, string? Content, string? Token) : IAggregate<IssuedReceipt>
{
    public static readonly EventTypes Events = new EventTypes()
        .Add<ReceiptIssued>("receipt_issued")
        .Add<ReceiptTimestamped>("receipt_timestamped");

    public static string StreamType => "receipt";

    public static IssuedReceipt Empty { get; } = new(Guid.Empty, null, null);

    /// <summary>How much it proves by itself: with an authority's timestamp CAdES-B-T, without one CAdES-B-B.</summary>
    public string Level => Token is null ? "CAdES-B-B" : "CAdES-B-T";

    /// <summary>The stream of an event's receipt: one, whoever asks first. A name-based UUID (RFC 9562 §5.8).</summary>
    public static Guid StreamOf(Guid @event)
    {
        Span<byte> name = stackalloc byte[64];
        var length = Encoding.ASCII.GetBytes("coffrefort/receipt/v1\0", name);
        @event.TryWriteBytes(name[length..], bigEndian: true, out _);
        var hash = SHA256.HashData(name[..(length + 16)]).AsSpan(0, 16);
        hash[6] = (byte)(0x80 | (hash[6] & 0x0f));
        hash[8] = (byte)(0x80 | (hash[8] & 0x3f));
        return new Guid(hash, bigEndian: true);
    }

    public static IssuedReceipt Evolve(IssuedReceipt state, IEvent @event) => @event switch
    {
        ReceiptIssued e => new IssuedReceipt(e.Of, e.Receipt, null),
        ReceiptTimestamped e => state with { Token = e.Token },
        _ => state,
    };

    /// <summary>As it is given out (DER): with its timestamp, once it has one.</summary>
    public byte[] ToBytes()
    {
        var made = Convert.FromBase64String(Content!);
        return Token is null ? made : SignatureTimestamp.Attach(made, Convert.FromBase64String(Token));
    }
}
