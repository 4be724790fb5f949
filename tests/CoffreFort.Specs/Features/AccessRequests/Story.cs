using CoffreFort.Server;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.AccessRequests;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Specs.Catalogue;

namespace CoffreFort.Specs.Features.AccessRequests;

/// <summary>A town hall that asks a person for the school file.</summary>
internal static class Story
{
    public static readonly DateTimeOffset Now = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);
    public static readonly Guid VaultId = Guid.CreateVersion7();
    public static readonly Guid Holder = Guid.CreateVersion7();
    public static readonly Guid AgencyId = Guid.CreateVersion7();
    public static readonly Guid Clerk = Guid.CreateVersion7();
    public static readonly Procedure Enrolment = ShippedCatalogue.Loaded.FindProcedure("school-enrolment")!;
    public static readonly VaultOpened Opened = new(Holder, "CF-0000-0000-0000", Personal.Of("Camille"));
    public static readonly Piece Card = new("identity-card", "identity-card", PieceStatus.Satisfied, Document: Guid.CreateVersion7(), Version: 2);
    public static readonly Piece Address = new("proof-of-address", "proof-of-address", PieceStatus.Satisfied, Document: Guid.CreateVersion7(), Version: 1);
    public static readonly Piece OldNotice = new("tax-notice", "tax-notice", PieceStatus.Stale, Document: Guid.CreateVersion7(), Version: 1);
    public static readonly Evaluation Shown = new(false, [Card, Address, OldNotice]);

    public static readonly AccessRequested Asked = new(
        VaultId, AgencyId, Clerk, Enrolment.Code, Enrolment.Purpose.Fr, Enrolment.LegalBasis.Fr, ["has-children"], Personal.Of("Bonjour"),
        Enrolment.RetentionPromisedDays, Now.AddDays(30));

    public static Vault HolderVault => Vault.Evolve(Vault.Empty, Opened);

    public static Agency TownHall => new[]
    {
        (EventStore.IEvent)new AgencyRegistered("Mairie de Brest", "town-hall", null, null),
        new ClerkAppointed(Clerk, Personal.Of("Maëlle")),
        new ProcedureDeclared(Enrolment.Code, ["identity-card", "proof-of-address"], Now.AddDays(365)),
    }.Aggregate(Agency.Empty, Agency.Evolve);

    public static AccessRequest Pending => AccessRequest.Evolve(AccessRequest.Empty, Asked);
}
