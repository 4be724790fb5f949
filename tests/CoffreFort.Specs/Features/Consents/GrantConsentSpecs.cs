using CoffreFort.Server;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using static CoffreFort.Specs.Features.Consents.ConsentScene;

namespace CoffreFort.Specs.Features.Consents;

public sealed class GrantConsentSpecs
{
    private static readonly Procedure Procedure = EvidenceCatalogue.Load(Path.Combine(AppContext.BaseDirectory, "Catalogue")).FindProcedure("family-portal")!;
    private static readonly VaultOpened Opened = new(Holder, "CF-0000-0000-0000", Personal.Of("Camille"));
    private static readonly ConsentTerms Terms = new(TownHall, "family-portal", [new WantedPiece(Notice)]);

    [Fact]
    public void what_is_left_out_is_what_the_catalogue_offers()
    {
        var granted = Starts(Decide(Terms));
        Assert.Equal(Granted with
        {
            Purpose = Procedure.Purpose.Fr,
            LegalBasis = Procedure.LegalBasis.Fr,
            Until = Start.AddDays(Procedure.DefaultConsentDays),
            Uses = Procedure.DefaultUses,
            RetentionDays = Procedure.RetentionPromisedDays,
            Pieces = granted.Pieces,
            EvidenceTypes = granted.EvidenceTypes,
        }, granted);
        Assert.Equal(Granted.Pieces, granted.Pieces);
        Assert.Empty(granted.EvidenceTypes);
    }

    [Fact]
    public void a_piece_is_taken_at_the_named_version_or_the_newest()
    {
        Assert.Equal(2, Starts(Decide(Terms, document: TaxNotice.WithVersion())).Pieces.Single().Version);
        Assert.Equal(1, Starts(Decide(Terms with { Pieces = [new WantedPiece(Notice, 1)] }, document: TaxNotice.WithVersion())).Pieces.Single().Version);
    }

    [Fact]
    public void a_standing_consent_names_types() =>
        Assert.Equal(["tax-notice"], Starts(Decide(Terms with { Pieces = null, EvidenceTypes = ["tax-notice", "tax-notice"] })).EvidenceTypes);

    [Fact]
    public void a_consent_for_the_own_space_is_tied_to_the_posting()
    {
        var space = Employer with { Kind = Agency.AtlasKind };
        var decision = Decide(Terms, grantee: space, space: TownHall);
        Assert.True(Starts(decision).TiedToPosting);
        Assert.Equal([new PostingConsentGiven(ConsentId)], decision.Events);
        Assert.False(Starts(Decide(Terms, grantee: space)).TiedToPosting);
    }

    [Fact]
    public void nobody_shares_from_another_persons_vault() => Refused("not-found", Decide(Terms, holder: Guid.CreateVersion7()));

    [Fact]
    public void an_agency_that_does_not_exist_gets_nothing() => Refused("unknown-grantee", Decide(Terms, grantee: Agency.Empty));

    [Fact]
    public void consent_does_not_replace_the_habilitation()
    {
        Refused("not-habilitated", Decide(Terms, grantee: Employer.Then(new ProcedureWithdrawn("family-portal"))));
        Refused("type-not-habilitated", Decide(Terms, grantee: Employer.Then(new ProcedureDeclared("family-portal", ["proof-of-address"], null))));
        Refused("type-not-habilitated", Decide(Terms with { Pieces = null, EvidenceTypes = ["health-record"] }));
    }

    [Fact]
    public void only_what_lies_in_the_vault_is_shared()
    {
        Refused("unknown-piece", Decide(Terms with { Pieces = [new WantedPiece(Guid.CreateVersion7())] }));
        Refused("unknown-piece", Decide(Terms with { Pieces = [new WantedPiece(Notice, 2)] }));
        Refused("unknown-piece", Decide(Terms, document: TaxNotice with { Vault = Guid.CreateVersion7() }));
    }

    [Fact]
    public void a_consent_has_one_kind_of_scope()
    {
        Refused("scope-needed", Decide(Terms with { Pieces = [] }));
        Refused("scope-needed", Decide(Terms with { EvidenceTypes = ["tax-notice"] }));
    }

    [Fact]
    public void a_consent_has_an_end_a_number_and_a_manner()
    {
        Refused("bad-period", Decide(Terms with { Until = Start }));
        Refused("bad-period", Decide(Terms with { Until = Start.AddYears(5).AddSeconds(1) }));
        Refused("bad-uses", Decide(Terms with { Uses = 0 }));
        Refused("bad-uses", Decide(Terms with { Uses = 1001 }));
        Refused("bad-delivery", Decide(Terms with { Delivery = "mail" }));
    }

    [Fact]
    public void the_holder_alone_revokes_and_once_is_enough()
    {
        var vault = Vault.Evolve(Vault.Empty, Opened);
        Given.Stream<Consent>(Granted).When(consent => RevokeConsent.Decide(consent, vault, new RevokeConsent(Holder)))
            .Then(new ConsentRevoked(Holder, RevocationCauses.Holder, null));
        Given.Stream<Consent>(Granted, new ConsentRevoked(Holder, RevocationCauses.Holder, null))
            .When(consent => RevokeConsent.Decide(consent, vault, new RevokeConsent(Holder))).ThenNothing();
        Given.Stream<Consent>(Granted).When(consent => RevokeConsent.Decide(consent, vault, new RevokeConsent(Clerk))).ThenRefused("not-found");
        Given.Nothing<Consent>().When(consent => RevokeConsent.Decide(consent, vault, new RevokeConsent(Holder))).ThenRefused("not-found");
    }

    [Fact]
    public void refused_attempts_are_noted_up_to_a_bound()
    {
        var attempt = new EvidenceReadRefused(Notice, TownHall, Clerk, "consent-revoked", null);
        var now = Start;
        Assert.Equal([attempt], RefusedReads.Decide([.. Enumerable.Repeat(now, RefusedReads.PerMinute - 1)], attempt, now).Events);
        Assert.Empty(RefusedReads.Decide([.. Enumerable.Repeat(now, RefusedReads.PerMinute)], attempt, now).Events);
        Assert.Equal([attempt], RefusedReads.Decide([.. Enumerable.Repeat(now.AddMinutes(-1), RefusedReads.PerDay - 1)], attempt, now).Events);
        Assert.Empty(RefusedReads.Decide([.. Enumerable.Repeat(now.AddHours(-23), RefusedReads.PerDay)], attempt, now).Events);
    }

    private static readonly Guid ConsentId = Guid.CreateVersion7();

    private static Decision Decide(ConsentTerms terms, Agency? grantee = null, Document? document = null, Guid? holder = null, Guid? space = null)
    {
        var vault = Vault.Evolve(Vault.Empty, Opened) with { Space = space };
        var documents = new Dictionary<Guid, Document> { [Notice] = document ?? TaxNotice };
        return GrantConsent.Decide(
            vault, grantee ?? Employer, Procedure, new GrantConsent(ConsentId, VaultId, holder ?? Holder, documents, terms, null), Start);
    }

    private static ConsentGranted Starts(Decision decision)
    {
        Assert.Null(decision.Refusal);
        return Assert.IsType<ConsentGranted>(Assert.Single(Assert.Single(decision.Starts).Events));
    }

    private static void Refused(string code, Decision decision)
    {
        Assert.Equal(code, decision.Refusal?.Code);
        Assert.Empty(decision.Starts);
    }
}
