using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Specs.Cryptography.Cms;

/// <summary>Our seal, and what is sealed with it.</summary>
internal static class Sealing
{
    private static readonly X509Certificate2 s_certificate = MakeCertificate("CN=CoffreFort test seal");

    public static X509Certificate2 Certificate => s_certificate;

    public static Seal Seal { get; } = new(s_certificate);

    public static SealTrust Trust { get; } = new([s_certificate]);

    public static DateTimeOffset Now { get; } = DateTimeOffset.UtcNow;

    public static SealedFile File { get; } = new("avis d'imposition é.pdf", "application/pdf", Guid.CreateVersion7(), 3, Guid.CreateVersion7());

    public static X509Certificate2 MakeCertificate(string subject, TimeSpan? from = null, TimeSpan? until = null, X509KeyUsageFlags usage = X509KeyUsageFlags.DigitalSignature)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Recipient.SelfSigned(new CertificateRequest(subject, key, HashAlgorithmName.SHA256), usage, from, until);
    }

    public static RecipientCertificate For(string kind) => RecipientCertificate.Check(Recipient.Of(kind).Certificate, Now);

    public static byte[] Document(string kind, byte[] content) => SealedCopy.SealDocument(File, content, For(kind), Seal, Now);

    public static DocumentKey Key(TimeSpan validFor) => new(SecretKey.Generate(), SecretKey.Generate())
    {
        Identity = new DocumentIdentity(Guid.CreateVersion7(), File.Document, File.Version),
        CiphertextLength = ContainerLayout.SealedLength(1000),
        CiphertextSha256 = RandomNumberGenerator.GetBytes(32),
        Commitment = RandomNumberGenerator.GetBytes(32),
        FileName = File.FileName,
        MediaType = File.MediaType,
        ConsentEvent = File.ConsentEvent,
        Expires = Now + validFor,
    };

    public static OpenedDocument Open(byte[] copy, string kind) => SealedCopy.Verify(copy, Trust, Now).OpenDocument(Recipient.Of(kind).Certificate);

    public static CmsFault FaultOf(Action act) => Assert.Throws<CmsRefused>(act).Fault;
}
