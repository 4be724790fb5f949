using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography.Cms;

/// <summary>What signs sealed copies and receipts: a P-256 key with its certificate.</summary>
/// <remarks>Immutable; may be used from several threads. The certificate stays the caller's, and must live as long as this does.</remarks>
public sealed class Seal
{
    private readonly X509Certificate2 _certificate;

    /// <summary>A seal.</summary>
    /// <param name="certificate">The certificate, with its private key.</param>
    /// <param name="issuers">Certificates to send along, up to <see cref="SignedMessage.MostCertificates"/> less one, for who trusts their root only.</param>
    /// <exception cref="ArgumentException">It has no private key on P-256, is not for signatures, or too many issuers come along.</exception>
    public Seal(X509Certificate2 certificate, X509Certificate2Collection? issuers = null)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (!certificate.HasPrivateKey || !SignerCertificate.IsForSigning(certificate))
            throw new ArgumentException("A seal needs a certificate for digital signatures with its private key, on P-256.", nameof(certificate));
        if (issuers?.Count >= SignedMessage.MostCertificates) throw new ArgumentException("Too many certificates.", nameof(issuers));
        _certificate = certificate;
        Certificates = [certificate.RawData, .. (issuers ?? []).Select(issuer => issuer.RawData)];
    }

    /// <summary>The certificate of the seal (DER): what others are given to trust.</summary>
    public ReadOnlyMemory<byte> Certificate => _certificate.RawDataMemory;

    internal IReadOnlyList<ReadOnlyMemory<byte>> Certificates { get; }

    internal RecipientName Name => RecipientName.Of(_certificate);

    internal byte[] Sign(ReadOnlySpan<byte> data)
    {
        using var key = _certificate.GetECDsaPrivateKey()!;
        return key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }
}
