using CoffreFort.EventStore;

namespace CoffreFort.Server.Features.Receipts;

/// <summary>From here on receipts and sealed copies are sealed under a certificate of an authority's, over the same key.</summary>
/// <param name="Certificates">The seal's own first, then its issuers' (DER, base 64): all that is sent along.</param>
/// <param name="Fingerprint">SHA-256 of the first, lower-case hex.</param>
public sealed record SealCertificateInstalled(string Fingerprint, IReadOnlyList<string> Certificates) : IEvent;

/// <summary>The certificates of the seal: one stream for the whole installation. Without one, the key's own self-signed certificate counts.</summary>
/// <param name="Installed">Oldest first; the last one is in force.</param>
public sealed record SealCertificate(IReadOnlyList<SealCertificateInstalled> Installed) : IAggregate<SealCertificate>
{
    /// <summary>The one stream.</summary>
    public static readonly Guid Stream = Guid.Parse("01980000-c0ff-7e00-8000-000000005ea1");

    public static readonly EventTypes Events = new EventTypes()
        .Add<SealCertificateInstalled>("seal_certificate_installed");

    public static string StreamType => "seal-certificate";

    public static SealCertificate Empty { get; } = new((IReadOnlyList<SealCertificateInstalled>)[]);

    public static SealCertificate Evolve(SealCertificate state, IEvent @event) =>
        @event is SealCertificateInstalled e ? new SealCertificate([.. state.Installed, e]) : state;
}
