using System.Text;

namespace CoffreFort.Cryptography.Cms;

/// <summary>
/// Receipts that prove by themselves, sealed as CAdES-B (<see cref="SignatureTimestamp"/> makes it CAdES-T): stock <c>openssl cms -verify -cades</c> checks them and
/// prints their JSON (docs/spec/receipt.md).
/// </summary>
/// <remarks>Stateless.</remarks>
public static class SealedReceipt
{
    /// <summary>The most bytes that a receipt has, certificates and timestamp included: 256 KiB.</summary>
    public const int LongestLength = 256 * 1024;

    /// <summary>Makes a receipt.</summary>
    /// <param name="receipt">What it states.</param>
    /// <param name="seal">Our seal.</param>
    /// <param name="time">The signing time; seconds are kept.</param>
    /// <returns>The receipt (DER).</returns>
    /// <exception cref="ArgumentException">It states none or several things, or one of them is impossible.</exception>
    public static byte[] Make(Receipt receipt, Seal seal, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        ArgumentNullException.ThrowIfNull(seal);
        if (!receipt.IsSound) throw new ArgumentException("A receipt states exactly one thing, and a possible one.", nameof(receipt));
        return SignedMessage.Sign(seal, CmsOid.Receipt, ReceiptPayload.Write(receipt), time).Encode();
    }

    /// <summary>Whether it says of itself that it is a receipt; nothing is verified.</summary>
    /// <param name="message">A receipt, a sealed copy, or anything else.</param>
    public static bool IsOne(ReadOnlyMemory<byte> message)
    {
        try
        {
            return SignedMessage.Read(message, LongestLength, "a receipt").ContentType == CmsOid.Receipt;
        }
        catch (CmsRefused)
        {
            return false;
        }
    }

    /// <summary>Reads a receipt and verifies its seal.</summary>
    /// <param name="receipt">The receipt (DER).</param>
    /// <param name="trust">Whose seals are relied on.</param>
    /// <param name="at">Now; a timestamp that is relied on counts instead.</param>
    /// <exception cref="CmsRefused">Something is wrong with it.</exception>
    public static VerifiedReceipt Verify(ReadOnlyMemory<byte> receipt, SealTrust trust, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(trust);
        var message = SignedMessage.Read(receipt, LongestLength, "a receipt");
        if (message.ContentType != CmsOid.Receipt) throw new CmsRefused(CmsFault.Kind, "This is signed, but it is not a receipt.");
        var (evidence, _) = SignedVerification.Verify(message, trust, at);
        return new VerifiedReceipt(ReceiptPayload.Read(message.Content.Span), Encoding.UTF8.GetString(message.Content.Span), evidence);
    }
}
