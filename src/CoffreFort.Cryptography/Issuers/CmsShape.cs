using System.Formats.Asn1;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Cryptography.Issuers;

/// <summary>
/// The outline of a stranger's SignedData (RFC 5652 §5.1), in DER or BER, looked at before the platform's reader is: how many certificates and signers it holds, and whether it brings
/// its content along. So nobody makes that reader work for more than one signature.
/// </summary>
/// <param name="Length">The message's length; what stands behind it is not its own.</param>
/// <param name="Signers">How many signed it.</param>
/// <param name="HasContent">Whether the content is inside.</param>
/// <param name="First">The first signer's part; null for none.</param>
internal sealed record CmsShape(int Length, int Signers, bool HasContent, CmsSignerShape? First)
{
    public const byte Sequence = 0x30;

    /// <summary>What stands around the content at most, certificates and timestamps included, in bytes.</summary>
    public const int LongestFrame = 512 * 1024;

    private const int MostCertificates = 32;
    private const int MostAlgorithms = 4;

    /// <summary>The identifier of id-signedData, as it stands behind the first length.</summary>
    public static ReadOnlySpan<byte> SignedDataIdentifier => [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];

    /// <returns>Why it is not looked at, or its outline.</returns>
    public static (CmsShape? Shape, IssuerFault? Fault) Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var message = new AsnReader(bytes, AsnEncodingRules.BER).ReadEncodedValue();
            var info = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
            if (info.ReadObjectIdentifier() != CmsOid.SignedData) return (null, IssuerFault.Unreadable);
            var data = info.ReadSequence(StrictReading.Context0).ReadSequence();
            // Nobody signed what stands here, so nothing of a stranger's choosing may: a version is small, an algorithm of hashing has no parameters.
            if (!data.TryReadInt32(out _) || !AreBare(data.ReadSetOf(skipSortOrderValidation: true))) return (null, IssuerFault.Form);
            var content = data.ReadEncodedValue();
            if (message.Length - content.Length > LongestFrame) return (null, IssuerFault.TooLarge);
            var encapsulated = new AsnReader(content, AsnEncodingRules.BER).ReadSequence();
            // A message inside the message: what the outer signer meant by it, only its maker knows.
            if (encapsulated.ReadObjectIdentifier() != CmsOid.Data) return (null, IssuerFault.Form);
            if (data.PeekTag().HasSameClassAndValue(StrictReading.Context0) && Count(data.ReadSetOf(skipSortOrderValidation: true, StrictReading.Context0)).Count > MostCertificates)
                return (null, IssuerFault.TooLarge);
            if (data.PeekTag().HasSameClassAndValue(StrictReading.Context1)) return (null, IssuerFault.Form);
            var (signers, first) = Count(data.ReadSetOf(skipSortOrderValidation: true));
            return (new CmsShape(message.Length, signers, encapsulated.HasData, signers == 0 ? null : CmsSignerShape.Read(first)), null);
        }
        catch (AsnContentException)
        {
            return (null, IssuerFault.Unreadable);
        }
    }

    /// <summary>Whether the message is alone in its file, was signed by somebody, and does not bring its content along: also one that is not looked at further.</summary>
    public static bool IsDetached(ReadOnlyMemory<byte> file)
    {
        try
        {
            var alone = new AsnReader(file, AsnEncodingRules.BER);
            var info = alone.ReadSequence();
            info.ReadEncodedValue();
            var data = info.ReadSequence(StrictReading.Context0).ReadSequence();
            data.ReadEncodedValue();
            data.ReadEncodedValue();
            var encapsulated = data.ReadSequence();
            encapsulated.ReadEncodedValue();
            // Certificates and revocation lists.
            foreach (var tag in new[] { StrictReading.Context0, StrictReading.Context1 })
                if (data.PeekTag().HasSameClassAndValue(tag)) data.ReadEncodedValue();
            return !alone.HasData && !encapsulated.HasData && data.ReadSetOf(skipSortOrderValidation: true).HasData;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static bool AreBare(AsnReader algorithms)
    {
        for (var count = 0; algorithms.HasData; count++)
        {
            var algorithm = algorithms.ReadSequence();
            algorithm.ReadObjectIdentifier();
            if (algorithm.HasData) algorithm.ReadNull();
            if (algorithm.HasData || count == MostAlgorithms) return false;
        }

        return true;
    }

    private static (int Count, ReadOnlyMemory<byte> First) Count(AsnReader set)
    {
        ReadOnlyMemory<byte> first = default;
        var count = 0;
        for (; set.HasData; count++)
        {
            var one = set.ReadEncodedValue();
            if (count == 0) first = one;
        }

        return (count, first);
    }
}
