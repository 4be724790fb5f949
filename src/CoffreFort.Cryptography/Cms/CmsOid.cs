namespace CoffreFort.Cryptography.Cms;

/// <summary>The object identifiers of docs/spec/sealed-copy.md and receipt.md, in that order.</summary>
internal static class CmsOid
{
    public const string SignedData = "1.2.840.113549.1.7.2";
    public const string Sha256 = "2.16.840.1.101.3.4.2.1";
    public const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";

    public const string ContentType = "1.2.840.113549.1.9.3";
    public const string MessageDigest = "1.2.840.113549.1.9.4";
    public const string SigningTime = "1.2.840.113549.1.9.5";
    public const string SigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";
    public const string SignatureTimestamp = "1.2.840.113549.1.9.16.2.14";

    /// <summary>What a sealed copy's signature is over: a whole ContentInfo (RFC 5652 §3).</summary>
    public const string ContentInfo = "1.2.840.113549.1.9.16.1.6";
    public const string AuthEnvelopedData = "1.2.840.113549.1.9.16.1.23";
    public const string Data = "1.2.840.113549.1.7.1";
    public const string Aes256Gcm = "2.16.840.1.101.3.4.1.46";

    public const string RsaEncryption = "1.2.840.113549.1.1.1";
    public const string RsaOaep = "1.2.840.113549.1.1.7";
    public const string Mgf1 = "1.2.840.113549.1.1.8";

    public const string EcPublicKey = "1.2.840.10045.2.1";
    public const string P256 = "1.2.840.10045.3.1.7";
    public const string P384 = "1.3.132.0.34";
    public const string EcdhSha256Kdf = "1.3.132.1.11.1";
    public const string Aes256Wrap = "2.16.840.1.101.3.4.1.45";

    // Below 2.25 an identifier is a UUID (ITU-T X.667), and nobody assigns it.
    private const string Own = "2.25.161555636655627470129229049498120426711";
    public const string SealedCopyHeader = Own + ".1";
    public const string Receipt = Own + ".2";
}
