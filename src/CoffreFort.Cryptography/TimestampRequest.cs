using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;

namespace CoffreFort.Cryptography;

/// <summary>One question to a timestamp authority, with a nonce of its own, and the check of its answer (RFC 3161 §2.4).</summary>
/// <remarks>Immutable; may be used from several threads. It asks for SHA-256 and for the authority's certificates.</remarks>
public sealed class TimestampRequest
{
    /// <summary>The most bytes an answer may have: 64 KiB.</summary>
    public const int LongestReply = 64 * 1024;

    private const int NonceLength = 16;

    private readonly Rfc3161TimestampRequest _request;
    private readonly byte[] _data;
    private readonly TimestampTrust _trust;

    /// <summary>A new question.</summary>
    /// <param name="data">What is to be timestamped; it stays here, the authority sees its hash only. The bytes are copied.</param>
    /// <param name="trust">What answer will be accepted.</param>
    public TimestampRequest(ReadOnlySpan<byte> data, TimestampTrust trust)
    {
        ArgumentNullException.ThrowIfNull(trust);
        _data = data.ToArray();
        _trust = trust;
        var policy = trust.Policy is null ? null : new Oid(trust.Policy);
        _request = Rfc3161TimestampRequest.CreateFromData(
            data, HashAlgorithmName.SHA256, policy, RandomNumberGenerator.GetBytes(NonceLength), requestSignerCertificates: true);
    }

    /// <summary>The request as it is sent (DER), of type <c>application/timestamp-query</c>.</summary>
    public byte[] ToBytes() => _request.Encode();

    /// <summary>Checks an answer: that it is granted, answers this question, and what <see cref="TimestampVerification"/> checks.</summary>
    /// <param name="reply">The reply (DER), of type <c>application/timestamp-reply</c>.</param>
    /// <param name="asked">The own clock before the question was sent.</param>
    /// <param name="answered">The own clock once the answer was there.</param>
    /// <exception cref="TimestampRefused">Something is wrong with it.</exception>
    public Timestamp Accept(ReadOnlyMemory<byte> reply, DateTimeOffset asked, DateTimeOffset answered)
    {
        if (reply.Length > LongestReply) throw new TimestampRefused(TimestampFault.Unreadable, "The authority's answer is too long.");
        var token = TimestampReply.TokenIn(reply);
        TimestampVerification.Read(token, out var info);
        if (info.GetNonce() is not { } nonce || _request.GetNonce() is not { } own || !nonce.Span.SequenceEqual(own.Span))
            throw new TimestampRefused(TimestampFault.Nonce, "The timestamp does not answer this request: its nonce is another one.");
        var timestamp = TimestampVerification.Verify(token, _data, _trust);
        if (timestamp.Time < asked - _trust.Tolerance || timestamp.Time > answered + _trust.Tolerance)
        {
            throw new TimestampRefused(
                TimestampFault.Time, $"The timestamp states {timestamp.Time:O}, which is not between the question ({asked:O}) and the answer ({answered:O}).");
        }

        return timestamp;
    }
}
