using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Demo;

/// <summary>The story's beginning: Camille, posted to Toulon, deposited eight documents once. Inès, who is nobody's colleague, has one.</summary>
public sealed class SeedVaults(
    Journal journal, ActRunner acts, KeyStore keys, RequestKeys request, SealContent seal, EvidenceCatalogue catalogue, VaultFinder vaults, AgencyFinder agencies,
    DueMutations due, IConfiguration configuration)
{
    private const string Channel = Channels.Web;
    private const string Signed = "avis-imposition.pdf";

    /// <summary>What the papers in Demo/Documents say of themselves.</summary>
    private static readonly (string File, string EvidenceType, string Title, DateOnly? Issued, DateOnly? Expires, string? Period)[] Papers =
    [
        ("carte-identite.jpg", "identity-card", "Ma carte d'identité", null, new DateOnly(2032, 5, 20), null),
        ("livret-famille.pdf", "family-record-book", "Livret de famille", null, null, null),
        ("justificatif-domicile.pdf", "proof-of-address", "Facture d'électricité de Toulon", new DateOnly(2026, 9, 12), null, null),
        ("avis-imposition.pdf", "tax-notice", "Avis d'imposition sur les revenus de 2025", new DateOnly(2026, 7, 31), null, "2025"),
        ("bulletin-solde.pdf", "payslip", "Bulletin de solde de septembre", null, null, "2026-09"),
        ("rib.pdf", "bank-details", "RIB du compte commun", new DateOnly(2026, 2, 3), null, null),
        ("certificat-scolarite.png", "school-certificate", "Certificat de scolarité de Lou", new DateOnly(2026, 9, 4), null, "2026-2027"),
        ("ordre-mutation.pdf", "posting-order", "Ordre de mutation pour Brest", null, null, null),
    ];

    public async Task RunAsync(CancellationToken cancellation)
    {
        var camille = await OpenAsync(Personas.Holder, cancellation);
        var ines = await OpenAsync(Personas.Holder2, cancellation);
        // Somebody tried erasing: what is gone does not come back with the next start.
        if (await IsClosedAsync(camille, cancellation) || await IsClosedAsync(ines, cancellation)) return;
        foreach (var paper in Papers) await DepositAsync(Personas.Holder, camille, paper, cancellation);
        await DepositAsync(Personas.Holder2, ines, Papers[5] with { Title = "Mon RIB" }, cancellation);
        await AssignToulonAsync(camille, cancellation);
    }

    private async Task<Guid> OpenAsync(Persona persona, CancellationToken cancellation)
    {
        var person = new Person(persona.Id, persona.Name, new HashSet<string> { Kinds.Holder });
        var outcome = await OpenVault.FirstAsync(person, Actor(persona, "vault"), acts, keys, request, cancellation);
        return Seed.Require(outcome).Stream;
    }

    private async Task<bool> IsClosedAsync(Guid vault, CancellationToken cancellation) =>
        await journal.AggregateStreamAsync<Vault>(vault, cancellation: cancellation) is { Erasure.IsClosed: true };

    private async Task DepositAsync(
        Persona persona, Guid vault, (string File, string EvidenceType, string Title, DateOnly? Issued, DateOnly? Expires, string? Period) paper,
        CancellationToken cancellation)
    {
        await using var body = await OpenAsync(paper.File, cancellation);
        var deposit = new Deposit(vault, paper.EvidenceType, paper.Title, paper.File, paper.Issued, paper.Expires, paper.Period);
        Seed.Require(await DepositDocument.Handle(deposit, new IncomingFile(body), Actor(persona, paper.EvidenceType), acts, seal, request, catalogue, cancellation));
    }

    /// <summary>The tax notice comes signed, as its issuer sends it; who has deposited it already does not sign it anew.</summary>
    private async Task<Stream> OpenAsync(string paper, CancellationToken cancellation)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Demo", "Documents", paper);
        if (paper != Signed || DemoIssuer.Certificate(configuration) is not { } issuer) return File.OpenRead(file);
        using (issuer) return new MemoryStream(SignedPaper.Sign(await File.ReadAllBytesAsync(file, cancellation), issuer, await journal.NowAsync(cancellation)));
    }

    /// <summary>A first posting is announced like any other, from no space and for a day that has come.</summary>
    private async Task AssignToulonAsync(Guid vault, CancellationToken cancellation)
    {
        var posting = new AnnounceMutation.Posting(vault.ToString(), Agencies.AtlasToulon.Id.ToString(), new DateOnly(2023, 9, 1));
        Seed.Require(await AnnounceMutation.Handle(posting, Actor(Personas.Personnel, "toulon"), acts, vaults, agencies, request, due, cancellation));
    }

    /// <summary>A person of the story; each of their acts has a key of its own, so that the story is told once.</summary>
    internal static Actor Actor(Persona persona, string act) =>
        new(persona.Id, Channel, "demo-seed") { IdempotencyKey = $"seed {persona.Key} {act}" };
}
