using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.AccessRequests;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;

namespace CoffreFort.Server.Demo;

/// <summary>
/// How the story goes on: the CAF read two pieces and its share is used up, Toulon may still read for housing, the order for Brest has arrived, and
/// the town hall of Brest asks for the school file.
/// </summary>
public sealed class SeedSharing(
    Journal journal, ActRunner acts, RequestKeys keys, EvidenceCatalogue catalogue, VaultFinder vaults, AgencyFinder agencies, VaultEvidence evidence,
    CoveringConsents covering, DueMutations due)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (await vaults.OfHolderAsync(Personas.Holder.Id, cancellation) is not { } camille) return;
        await CafAsync(camille.Vault, cancellation);
        await ToulonAsync(camille.Vault, cancellation);
        await MutationAsync(camille.Vault, cancellation);
        await TownHallAsync(camille.Vault, cancellation);
    }

    private async Task CafAsync(Guid vault, CancellationToken cancellation)
    {
        var consent = await AgreeAsync(
            vault, Personas.ClerkCaf, "removal-bonus", "Bonjour, voici ce qu'il nous faut pour la prime de déménagement.", uses: 2, cancellation);
        await ReadAsync(consent, Personas.ClerkCaf, 0, "Instruction de la prime de déménagement", cancellation);
        await ReadAsync(consent, Personas.ClerkCaf, 1, "Vérification de l'adresse avant versement", cancellation);
    }

    private async Task ToulonAsync(Guid vault, CancellationToken cancellation)
    {
        var consent = await AgreeAsync(vault, Personas.AtlasToulon, "defence-housing", "Pour votre dossier de logement à Toulon.", uses: null, cancellation);
        await ReadAsync(consent, Personas.AtlasToulon, 0, "Dossier de logement défense", cancellation);
    }

    /// <summary>Five months ahead: Brest sees an arrival, and no document.</summary>
    private async Task MutationAsync(Guid vault, CancellationToken cancellation)
    {
        var day = FrenchCalendar.DayOf(await journal.NowAsync(cancellation)).AddMonths(5);
        var posting = new AnnounceMutation.Posting(vault.ToString(), Agencies.AtlasBrest.Id.ToString(), day, Order: "Ordre de mutation n° 2026-4711");
        Seed.Require(await AnnounceMutation.Handle(
            posting, SeedVaults.Actor(Personas.Personnel, "brest"), acts, vaults, agencies, keys, due, cancellation));
    }

    private async Task TownHallAsync(Guid vault, CancellationToken cancellation) => await AskAsync(
        vault, Personas.ClerkTown, "school-enrolment", "Pour inscrire Lou à l'école à votre arrivée.", cancellation);

    private async Task<Guid> AskAsync(Guid vault, Persona clerk, string procedure, string message, CancellationToken cancellation)
    {
        var ask = new AskForAccess.Ask(vault.ToString(), procedure, Message: message);
        var outcome = await AskForAccess.Handle(
            ask, SeedVaults.Actor(clerk, procedure), acts, agencies, vaults, covering, evidence, due, keys, catalogue, cancellation);
        return Seed.Require(outcome).Stream;
    }

    private async Task<Guid> AgreeAsync(Guid vault, Persona clerk, string procedure, string message, int? uses, CancellationToken cancellation)
    {
        var asked = await AskAsync(vault, clerk, procedure, message, cancellation);
        Seed.Require(await ApproveAccessRequest.Handle(
            asked, new ApproveAccessRequest.Approval(Uses: uses), SeedVaults.Actor(Personas.Holder, $"approve {procedure}"), acts, evidence, due, catalogue,
            cancellation));
        var request = await journal.AggregateStreamAsync<AccessRequest>(asked, cancellation: cancellation);
        return request!.Consent!.Value;
    }

    /// <summary>The story's reads leave their lines in the usage log; the content itself goes nowhere. Told once: a restart reads nothing again.</summary>
    private async Task ReadAsync(Guid id, Persona clerk, int piece, string reason, CancellationToken cancellation)
    {
        var consent = await journal.AggregateStreamAsync<Consent>(id, cancellation: cancellation);
        if (consent!.Used > piece) return;
        var granted = consent.Granted!;
        var command = new ReadEvidence(granted.Pieces[piece].Document, clerk.Id, granted.Pieces[piece].Version, Deliveries.View, null);
        Seed.Require((await ReadEvidence.Handle(id, granted, command, reason, SeedVaults.Actor(clerk, ""), acts, due, keys, cancellation)).Outcome);
    }
}
