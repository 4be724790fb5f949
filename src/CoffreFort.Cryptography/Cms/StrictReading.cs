using System.Formats.Asn1;

namespace CoffreFort.Cryptography.Cms;

/// <summary>What every reader here shares: DER only, nothing left over, values as slices of the input and never copied.</summary>
internal static class StrictReading
{
    public static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0);
    public static readonly Asn1Tag Context1 = new(TagClass.ContextSpecific, 1);
    public static readonly Asn1Tag Context2 = new(TagClass.ContextSpecific, 2);

    /// <summary>Reads a whole value; whatever is not DER is <see cref="CmsFault.Unreadable"/>.</summary>
    public static T Read<T>(ReadOnlyMemory<byte> bytes, string what, Func<AsnReader, T> read)
    {
        try
        {
            var reader = new AsnReader(bytes, AsnEncodingRules.DER);
            var value = read(reader);
            reader.ThrowIfNotEmpty();
            return value;
        }
        catch (AsnContentException)
        {
            throw Unreadable(what);
        }
    }

    public static CmsRefused Unreadable(string what) => new(CmsFault.Unreadable, $"This is not {what}, or it is damaged.");

    /// <summary>Reads a value inside another one to its end.</summary>
    public static T Within<T>(AsnReader reader, Func<AsnReader, T> read)
    {
        var value = read(reader);
        reader.ThrowIfNotEmpty();
        return value;
    }

    /// <summary>An OCTET STRING as a slice of the input.</summary>
    public static ReadOnlyMemory<byte> ReadOctets(this AsnReader reader, Asn1Tag? tag = null) =>
        reader.TryReadPrimitiveOctetString(out var octets, tag) ? octets : throw new AsnContentException();

    public static void Expect(this AsnReader reader, int version)
    {
        if (!reader.TryReadInt32(out var read) || read != version) throw new AsnContentException();
    }

    /// <summary>An object identifier that can be no other; another algorithm is <see cref="CmsFault.Algorithm"/>.</summary>
    public static void ExpectAlgorithm(this AsnReader reader, string oid, string what)
    {
        if (reader.ReadObjectIdentifier() != oid) throw new CmsRefused(CmsFault.Algorithm, $"{what} is not allowed here.");
    }

    /// <summary>An AlgorithmIdentifier whose parameters are absent.</summary>
    public static void ExpectBareAlgorithm(this AsnReader reader, string oid, string what) =>
        Within(reader.ReadSequence(), inner => { inner.ExpectAlgorithm(oid, what); return true; });

    /// <summary>Parameters that some write as NULL and others leave out (RFC 4055 §2.1).</summary>
    public static void SkipNull(this AsnReader reader)
    {
        if (reader.HasData) reader.ReadNull();
    }

    public static void WriteBareAlgorithm(this AsnWriter writer, string oid)
    {
        using (writer.PushSequence()) writer.WriteObjectIdentifier(oid);
    }
}
