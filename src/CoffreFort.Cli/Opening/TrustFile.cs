using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CoffreFort.Cryptography;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Cli.Opening;

/// <summary>Certificates that the command line names as trusted.</summary>
internal static class TrustFile
{
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMinutes(5);

    public static SealTrust Read(string? seal, string? timestamps)
    {
        if (seal is null)
            throw new OpenRefusal("Name the certificate of the operator's seal with --trust. It comes from the operator, over another way than the file itself: whoever sends both could send a seal of their own.");
        return new SealTrust(Certificates(seal), timestamps is null ? null : new TimestampTrust(Certificates(timestamps), Policy: null, s_tolerance));
    }

    public static X509Certificate2Collection Certificates(string path)
    {
        var content = File.ReadAllBytes(path);
        X509Certificate2Collection certificates = [];
        try
        {
            if (RecipientFile.IsPem(content)) certificates.ImportFromPem(Encoding.UTF8.GetString(content));
            else certificates.Add(X509CertificateLoader.LoadCertificate(content));
        }
        catch (CryptographicException)
        {
            throw new OpenRefusal($"{path} does not hold a certificate in PEM or DER.");
        }

        return certificates.Count > 0 ? certificates : throw new OpenRefusal($"{path} holds no certificate.");
    }
}
