using System.Formats.Asn1;

namespace CoffreFort.Cryptography;

/// <summary>The outer part of an RFC 3161 reply: <c>TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken ContentInfo OPTIONAL }</c>.</summary>
internal static class TimestampReply
{
    private const int GrantedWithModifications = 1;

    /// <exception cref="TimestampRefused">It is not a reply, or not granted.</exception>
    public static ReadOnlyMemory<byte> TokenIn(ReadOnlyMemory<byte> reply)
    {
        try
        {
            var outer = new AsnReader(reply, AsnEncodingRules.DER);
            var response = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var information = response.ReadSequence();
            var status = information.ReadInteger();
            if (status < 0 || status > GrantedWithModifications)
                throw new TimestampRefused(TimestampFault.NotGranted, $"The authority granted no timestamp (status {status}).");
            var token = response.ReadEncodedValue();
            response.ThrowIfNotEmpty();
            return token;
        }
        catch (AsnContentException)
        {
            throw new TimestampRefused(TimestampFault.Unreadable, "The authority's answer is not an RFC 3161 reply.");
        }
    }
}
