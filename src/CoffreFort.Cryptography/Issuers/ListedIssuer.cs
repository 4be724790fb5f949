using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography.Issuers;

/// <summary>An issuer of a trust list: whose certificates are relied on, for which kinds of document. Immutable; the certificates stay the caller's.</summary>
/// <param name="Name">What they are called here.</param>
/// <param name="Anchors">The signers' certificates themselves, or self-signed ones of the authorities that certify them.</param>
/// <param name="Kinds">The kinds of document that they issue.</param>
/// <param name="Subject">
/// What a signer's certificate must say of its subject, exactly: attribute types (object identifiers such as <c>2.5.4.97</c>, organizationIdentifier) with their values. Needed
/// wherever an authority certifies others too; empty when all that it certifies are this issuer.
/// </param>
public sealed record ListedIssuer(string Name, X509Certificate2Collection Anchors, IReadOnlySet<string> Kinds, IReadOnlyDictionary<string, string> Subject)
{
    /// <summary>Whether this issuer's list has the certificate.</summary>
    internal bool Lists(X509Certificate2 certificate) => Anchors.Any(anchor => anchor.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span));

    internal bool Names(X509Certificate2 signer)
    {
        if (Subject.Count == 0) return true;
        var parts = signer.SubjectName.EnumerateRelativeDistinguishedNames().Where(part => !part.HasMultipleElements)
            .Select(part => (Type: part.GetSingleElementType().Value, Value: part.GetSingleElementValue())).ToList();
        // A subject that says one thing twice could say another the second time.
        return Subject.All(wanted => parts.Where(part => part.Type == wanted.Key).Select(part => part.Value).ToList() is [{ } only] && only == wanted.Value);
    }
}
