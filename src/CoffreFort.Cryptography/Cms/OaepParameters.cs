using System.Formats.Asn1;

namespace CoffreFort.Cryptography.Cms;

/// <summary>RSAES-OAEP with SHA-256, MGF1 with SHA-256 and no label (RFC 4055 §4.1): the only way a content key is encrypted to an RSA key.</summary>
internal static class OaepParameters
{
    private const string Refusal = "RSA encryption other than OAEP with SHA-256";

    public static void Write(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(CmsOid.RsaOaep);
            using (writer.PushSequence())
            {
                using (writer.PushSequence(StrictReading.Context0)) WriteHash(writer);
                using (writer.PushSequence(StrictReading.Context1))
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(CmsOid.Mgf1);
                    WriteHash(writer);
                }
            }
        }
    }

    /// <summary>What is left out stands for SHA-1, and is refused like it.</summary>
    public static void Expect(AsnReader reader) => StrictReading.Within(reader.ReadSequence(), algorithm =>
    {
        algorithm.ExpectAlgorithm(CmsOid.RsaOaep, Refusal);
        var parameters = algorithm.ReadSequence();
        if (!Has(parameters, StrictReading.Context0)) throw new CmsRefused(CmsFault.Algorithm, $"{Refusal} is not allowed here.");
        StrictReading.Within(parameters.ReadSequence(StrictReading.Context0), ReadHash);
        if (!Has(parameters, StrictReading.Context1)) throw new CmsRefused(CmsFault.Algorithm, $"{Refusal} is not allowed here.");
        StrictReading.Within(parameters.ReadSequence(StrictReading.Context1), outer => StrictReading.Within(outer.ReadSequence(), mask =>
        {
            mask.ExpectAlgorithm(CmsOid.Mgf1, Refusal);
            return ReadHash(mask);
        }));
        parameters.ThrowIfNotEmpty();
        return true;
    });

    private static bool Has(AsnReader reader, Asn1Tag tag) => reader.HasData && reader.PeekTag().HasSameClassAndValue(tag);

    private static void WriteHash(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(CmsOid.Sha256);
            writer.WriteNull();
        }
    }

    private static bool ReadHash(AsnReader reader) => StrictReading.Within(reader.ReadSequence(), hash =>
    {
        hash.ExpectAlgorithm(CmsOid.Sha256, Refusal);
        hash.SkipNull();
        return true;
    });
}
