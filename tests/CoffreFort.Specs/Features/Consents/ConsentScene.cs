using CoffreFort.Server;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;

namespace CoffreFort.Specs.Features.Consents;

/// <summary>A town hall, its clerk, a tax notice in a vault, and a consent for it.</summary>
internal static class ConsentScene
{
    public static readonly Guid VaultId = Guid.CreateVersion7();
    public static readonly Guid Holder = Guid.CreateVersion7();
    public static readonly Guid TownHall = Guid.CreateVersion7();
    public static readonly Guid Clerk = Guid.CreateVersion7();
    public static readonly Guid Notice = Guid.CreateVersion7();
    public static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    public static readonly ConsentGranted Granted = new(
        VaultId, TownHall, "family-portal", "Inscrire", "Règlement", Start, Start.AddDays(30), 3, Deliveries.Download,
        [new GrantedPiece(Notice, 1, "tax-notice")], [], 365, null, false, null, Holder);

    public static readonly EvidenceRead Read = new(
        Notice, 1, "tax-notice", TownHall, Clerk, "family-portal", Deliveries.Download, Personal.Of("Tarif de cantine"));

    public static readonly ReadEvidence Reading = new(Notice, Clerk, null, null, Personal.Of("Tarif de cantine"));

    public static readonly Agency Employer = Fold(Agency.Empty, Agency.Evolve,
        new AgencyRegistered("Mairie de Brest", "town-hall", null, null), new ClerkAppointed(Clerk, Personal.Of("Maëlle")),
        new ProcedureDeclared("family-portal", ["tax-notice", "proof-of-address"], null));

    public static readonly Document TaxNotice = Fold(Document.Empty, Document.Evolve,
        new DocumentDeposited(VaultId, "tax-notice", Personal.Of("Avis"), Holder, Holder, Content("application/pdf"), new StatedDates()));

    public static StoredContent Content(string mediaType) => new(BlobName.New(), 10, 82, mediaType, Personal.Of("avis.pdf"), "aa", "bb");

    public static Document WithVersion(this Document document, DateOnly? expiresOn = null) => Document.Evolve(
        document, new VersionDeposited(document.Versions.Count + 1, Holder, Content("application/pdf"), new StatedDates(ExpiresOn: expiresOn)));

    public static Agency Then(this Agency agency, EventStore.IEvent @event) => Agency.Evolve(agency, @event);

    private static T Fold<T>(T empty, Func<T, EventStore.IEvent, T> evolve, params EventStore.IEvent[] events) => events.Aggregate(empty, evolve);
}
