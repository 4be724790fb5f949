using CoffreFort.EventStore;
using CoffreFort.Server;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.Specs.Features.Mutations;

/// <summary>A posting from Toulon to Brest, as the specs of this folder begin it.</summary>
internal static class Posting
{
    public static readonly Guid Id = Guid.CreateVersion7();
    public static readonly Guid Vault = Guid.CreateVersion7();
    public static readonly Guid Holder = Guid.CreateVersion7();
    public static readonly Guid Officer = Guid.CreateVersion7();
    public static readonly Guid Toulon = Guid.CreateVersion7();
    public static readonly Guid Brest = Guid.CreateVersion7();
    public static readonly Guid OldConsent = Guid.CreateVersion7();
    public static readonly Guid NewConsent = Guid.CreateVersion7();
    public static readonly DateOnly Day = new(2026, 9, 1);

    /// <summary>Midnight in Paris, in summer.</summary>
    public static readonly DateTimeOffset Effect = new(2026, 8, 31, 22, 0, 0, TimeSpan.Zero);

    public static readonly DateTimeOffset Before = Effect.AddMicroseconds(-1);

    public static readonly GrantedPiece Piece = new(Guid.CreateVersion7(), 1, "posting-order");

    public static readonly HandoverProcedure Removal = new("removal-costs", "Déménager", "Décret", 270, 6, 365, [Piece]);

    public static readonly VaultOpened Opened = new(Holder, "CF-0000-0000-0000", Personal.Of("Camille"));

    public static readonly SpaceAssigned InToulon = new(Toulon, null);

    public static readonly MutationAnnounced Announced = new(Vault, Toulon, Brest, Day, null, Officer);

    public static readonly HandoverAccepted Accepted = new([Removal], Holder);

    public static readonly AgencyRegistered Space = new("Espace ATLAS", "atlas", "29-BST", "Brest");

    public static readonly ConsentGranted Tied = Consent(Toulon, tied: true, null, Effect.AddDays(-100));

    public static ConsentGranted Consent(Guid grantee, bool tied, Guid? mutation, DateTimeOffset from, int? uses = 6) => new(
        Vault, grantee, "removal-costs", "Déménager", "Décret", from, from.AddDays(270), uses, Deliveries.Download, [Piece], [], 365, null, tied, mutation, Holder);

    public static T State<T>(params IEnumerable<IEvent> events)
        where T : class, IAggregate<T> => events.Aggregate(T.Empty, T.Evolve);
}
