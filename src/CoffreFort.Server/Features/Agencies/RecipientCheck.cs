using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography.Cms;
using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>
/// Whether something may be sealed for a certificate now: its key, period and usage always; with configured anchors its chain, and that nobody in it was revoked, where no word is
/// a refusal. Without anchors only self-signed certificates are accepted: for those, the two people who enrolled one also say when it ends. Safe for concurrent use.
/// </summary>
/// <param name="anchors">The PEM file of what certificates must lead to (<c>Recipients:Anchors</c>), and what may stand between; null when there is none.</param>
/// <param name="lists">The folder of revocation lists, DER or PEM (<c>Recipients:RevocationLists</c>); read at each check, so that whoever fetches them only replaces files.</param>
/// <param name="online">Whether the platform may ask OCSP responders and list addresses too (<c>Recipients:Online</c>).</param>
public sealed class RecipientCheck(X509Certificate2Collection? anchors, string? lists, bool online)
{
    /// <exception cref="SettingsException">The settings are not usable.</exception>
    public static RecipientCheck From(IConfiguration configuration)
    {
        var section = configuration.GetSection("Recipients");
        if (section["RevocationLists"] is { Length: > 0 } folder && !Directory.Exists(folder)) throw new SettingsException($"Recipients:RevocationLists is no folder: {folder}");
        var online = section.Read("Online", false);
        if (section["Anchors"] is not { Length: > 0 } file)
        {
            return section["RevocationLists"] is { Length: > 0 } || online
                ? throw new SettingsException("Recipients:RevocationLists or Recipients:Online is set and Recipients:Anchors is not: name the PEM file of the authorities whose revocations they tell.")
                : new RecipientCheck(null, null, false);
        }

        var read = new X509Certificate2Collection();
        read.ImportFromPemFile(file);
        if (read.Count == 0) throw new SettingsException($"{file} holds no certificate.");
        return new RecipientCheck(read, section["RevocationLists"], online);
    }

    /// <summary>The certificate, or why nothing may be sealed for it.</summary>
    public (RecipientCertificate? Recipient, Refusal? Refusal) Find(byte[] encoded, DateTimeOffset at)
    {
        try
        {
            var certificate = X509CertificateLoader.LoadCertificate(encoded);
            if (anchors is not null) return (RecipientCertificate.Check(certificate, at, Trust(anchors)), null);
            var recipient = RecipientCertificate.Check(certificate, at);
            return IsRoot(certificate) ? (recipient, null) : (null, Words[RecipientFault.Untrusted]);
        }
        catch (CryptographicException)
        {
            return (null, Unreadable);
        }
        catch (RecipientRefused refused)
        {
            return (null, Words.GetValueOrDefault(refused.Fault, Words[RecipientFault.Algorithm]));
        }
    }

    private RecipientTrust Trust(X509Certificate2Collection all)
    {
        X509Certificate2Collection roots = [.. all.Where(IsRoot)];
        X509Certificate2Collection between = [.. all.Where(one => !IsRoot(one))];
        return new RecipientTrust(roots, between, [.. Lists()], online);
    }

    private static bool IsRoot(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    /// <summary>A file that is no list says nothing, and no word is a refusal.</summary>
    private IEnumerable<RevocationList> Lists()
    {
        foreach (var file in lists is null ? [] : Directory.EnumerateFiles(lists))
        {
            var content = File.ReadAllBytes(file);
            RevocationList? list = null;
            try
            {
                var text = System.Text.Encoding.Latin1.GetString(content);
                if (PemEncoding.TryFind(text, out var fields) && text[fields.Label] == "X509 CRL") content = Convert.FromBase64String(text[fields.Base64Data]);
                list = RevocationList.Read(content);
            }
            catch (CmsRefused)
            {
            }

            if (list is not null) yield return list;
        }
    }

    private static Refusal Unreadable { get; } = new("certificate-unreadable", "Ce n'est pas un certificat X.509. Rien n'a été enregistré.", 422);

    private static readonly Dictionary<RecipientFault, Refusal> Words = new()
    {
        [RecipientFault.Algorithm] = new("certificate-algorithm", "La clé de ce certificat ne convient pas : il faut RSA de 3072 bits au moins, P-256 ou P-384. Rien n'est scellé pour lui.", 422),
        [RecipientFault.KeyLength] = new("certificate-key-length", "La clé RSA de ce certificat n'a pas de 3072 à 8192 bits. Rien n'est scellé pour lui.", 422),
        [RecipientFault.Curve] = new("certificate-curve", "La clé de ce certificat n'est ni sur P-256 ni sur P-384. Rien n'est scellé pour lui.", 422),
        [RecipientFault.NotYetValid] = new("certificate-not-yet-valid", "Ce certificat n'est pas encore valable. Rien n'est scellé pour lui.", 422),
        [RecipientFault.Expired] = new("certificate-expired", "Ce certificat n'est plus valable. Rien n'est scellé pour lui : faites-en inscrire un autre.", 422),
        [RecipientFault.Usage] = new("certificate-usage", "Ce certificat n'est pas fait pour chiffrer. Rien n'est scellé pour lui.", 422),
        [RecipientFault.Untrusted] = new("certificate-untrusted", "Ce certificat ne mène à aucune autorité reconnue ici. Rien n'est scellé pour lui.", 422),
        [RecipientFault.Revoked] = new("certificate-revoked", "Ce certificat a été révoqué. Rien n'est scellé pour lui.", 422),
        [RecipientFault.RevocationUnknown] = new("certificate-revocation-unknown", "Personne ne dit si ce certificat a été révoqué : la liste de son autorité manque ou n'est plus à jour. Rien n'est scellé pour lui.", 422),
    };
}
