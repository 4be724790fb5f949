namespace CoffreFort.Cryptography.Cms;

/// <summary>
/// Adds an authority's timestamp to a sealed copy or a receipt (CAdES-B becomes CAdES-T): at once, or later, when the authority is back.
/// </summary>
/// <remarks>Stateless. What is given is read, and not verified.</remarks>
public static class SignatureTimestamp
{
    /// <summary>The question to the authority: over the signature, so that it sees neither content nor recipient.</summary>
    /// <param name="message">The sealed copy or receipt (DER).</param>
    /// <param name="trust">What answer will be accepted.</param>
    /// <exception cref="CmsRefused">It is neither.</exception>
    public static TimestampRequest Ask(ReadOnlyMemory<byte> message, TimestampTrust trust) => new(Read(message).Signature.Span, trust);

    /// <summary>The same with the timestamp; one that is there already is replaced.</summary>
    /// <param name="message">The sealed copy or receipt (DER).</param>
    /// <param name="timestamp">What <see cref="TimestampRequest.Accept"/> gave for the question of <see cref="Ask"/>.</param>
    /// <exception cref="CmsRefused">It is neither.</exception>
    /// <exception cref="TimestampRefused">The timestamp is over something else.</exception>
    public static byte[] Attach(ReadOnlyMemory<byte> message, Timestamp timestamp)
    {
        ArgumentNullException.ThrowIfNull(timestamp);
        return Attach(message, timestamp.Token);
    }

    /// <summary>The same with a token that was accepted before and kept.</summary>
    /// <param name="message">The sealed copy or receipt (DER).</param>
    /// <param name="token">The token (DER).</param>
    /// <exception cref="CmsRefused">It is neither.</exception>
    /// <exception cref="TimestampRefused">The token is none, or over something else.</exception>
    public static byte[] Attach(ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> token)
    {
        var read = Read(message);
        _ = TimestampVerification.VerifyInItself(token, read.Signature.Span);
        return (read with { Timestamp = token }).Encode();
    }

    private static SignedMessage Read(ReadOnlyMemory<byte> message) => SignedMessage.Read(message, SealedCopy.LongestLength, "a sealed copy or receipt");
}
