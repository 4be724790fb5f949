using CoffreFort.Server;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using static CoffreFort.Specs.Features.Consents.ConsentScene;

namespace CoffreFort.Specs.Features.Consents;

public sealed class ReadEvidenceSpecs
{
    [Fact]
    public void a_clerk_of_the_grantee_reads_what_was_granted() => Given.Stream<Consent>(Granted).When(Decided()).Then(Read);

    [Fact]
    public void without_a_consent_there_is_nothing() => Given.Nothing<Consent>().When(Decided()).ThenRefused("not-found");

    [Fact]
    public void a_revoked_consent_reads_nothing() =>
        Given.Stream<Consent>(Granted, new ConsentRevoked(Holder, RevocationCauses.Holder, null)).When(Decided()).ThenRefused("not-found");

    [Fact]
    public void a_clerk_of_another_agency_learns_nothing() =>
        Given.Stream<Consent>(Granted).When(Decided(Reading with { Clerk = Guid.CreateVersion7() })).ThenRefused("not-found");

    [Fact]
    public void a_dismissed_clerk_reads_nothing() =>
        Given.Stream<Consent>(Granted).When(Decided(grantee: Employer.Then(new ClerkDismissed(Clerk)))).ThenRefused("not-found");

    [Theory]
    [InlineData(-1, "consent-not-yet")]
    [InlineData(0, null)]
    [InlineData(30 * 24 * 3600 - 1, null)]
    [InlineData(30 * 24 * 3600, "consent-expired")]
    [Trait("Requirement", "R-004")]
    public void the_period_begins_with_its_first_instant_and_ends_before_its_last(int seconds, string? refusal)
    {
        var decided = Given.Stream<Consent>(Granted).When(Decided(now: Start.AddSeconds(seconds)));
        if (refusal is null) decided.Then(Read);
        else decided.ThenRefused(refusal);
    }

    [Fact]
    [Trait("Requirement", "R-004")]
    public void the_last_use_is_the_last() => Given.Stream<Consent>(Granted, Read, Read).When(Decided()).Then(Read);

    [Fact]
    public void used_up_is_used_up() => Given.Stream<Consent>(Granted, Read, Read, Read).When(Decided()).ThenRefused("consent-used-up");

    [Fact]
    public void a_refused_attempt_uses_nothing_up()
    {
        var refused = new EvidenceReadRefused(Notice, TownHall, Clerk, "reason-required", null);
        Given.Stream<Consent>(Granted, Read, Read, refused, refused).When(Decided()).Then(Read);
    }

    [Fact]
    [Trait("Requirement", "R-013")]
    public void consent_without_habilitation_is_not_enough() =>
        Given.Stream<Consent>(Granted).When(Decided(grantee: Employer.Then(new ProcedureWithdrawn("family-portal")))).ThenRefused("not-habilitated");

    [Fact]
    [Trait("Requirement", "R-013")]
    public void a_habilitation_for_other_types_is_not_enough() => Given.Stream<Consent>(Granted)
        .When(Decided(grantee: Employer.Then(new ProcedureDeclared("family-portal", ["proof-of-address"], null)))).ThenRefused("not-habilitated");

    [Fact]
    [Trait("Requirement", "R-005")]
    public void another_document_is_out_of_scope() =>
        Given.Stream<Consent>(Granted).When(Decided(Reading with { Document = Guid.CreateVersion7() })).ThenRefused("not-found");

    [Fact]
    [Trait("Requirement", "R-018")]
    public void a_named_version_stays_the_named_version()
    {
        Given.Stream<Consent>(Granted).When(Decided(document: TaxNotice.WithVersion())).Then(Read);
        Given.Stream<Consent>(Granted).When(Decided(Reading with { Version = 2 }, document: TaxNotice.WithVersion())).ThenRefused("not-found");
    }

    [Fact]
    [Trait("Requirement", "R-005")]
    public void viewing_is_not_downloading()
    {
        var viewed = Granted with { Delivery = Deliveries.View };
        Given.Stream<Consent>(viewed).When(Decided()).Then(Read with { Delivery = Deliveries.View });
        Given.Stream<Consent>(viewed).When(Decided(Reading with { Use = Deliveries.Download })).ThenRefused("delivery-not-allowed");
        Given.Stream<Consent>(Granted).When(Decided(Reading with { Use = Deliveries.View })).Then(Read with { Delivery = Deliveries.View });
    }

    [Fact]
    public void what_cannot_be_shown_cannot_be_viewed()
    {
        var archive = TaxNotice with { Versions = [TaxNotice.Latest with { Content = Content("application/zip") }] };
        Given.Stream<Consent>(Granted with { Delivery = Deliveries.View }).When(Decided(document: archive)).ThenRefused("not-viewable");
    }

    [Fact]
    public void who_does_not_say_why_does_not_read() =>
        Given.Stream<Consent>(Granted).When(Decided(Reading with { Reason = null })).ThenRefused("reason-required");

    [Fact]
    public void a_standing_consent_reaches_the_newest_version_also_a_later_one() => Given.Stream<Consent>(Standing)
        .When(Decided(document: TaxNotice.WithVersion().WithVersion())).Then(Read with { Version = 3 });

    [Fact]
    public void a_standing_consent_passes_over_a_version_that_has_ended()
    {
        var ended = TaxNotice.WithVersion(new DateOnly(2026, 3, 2));
        Given.Stream<Consent>(Standing).When(Decided(document: ended)).Then(Read);
        Given.Stream<Consent>(Standing).When(Decided(document: TaxNotice.WithVersion(new DateOnly(2026, 3, 3)))).Then(Read with { Version = 2 });
    }

    [Fact]
    public void a_standing_consent_does_not_reach_back() => Given.Stream<Consent>(Standing)
        .When(Decided(Reading with { Version = 1 }, document: TaxNotice.WithVersion())).ThenRefused("evidence-changed");

    [Fact]
    public void a_standing_consent_stays_within_its_vault_and_its_types()
    {
        Given.Stream<Consent>(Standing).When(Decided(document: TaxNotice with { Vault = Guid.CreateVersion7() })).ThenRefused("not-found");
        Given.Stream<Consent>(Standing).When(Decided(document: TaxNotice with { EvidenceType = "proof-of-address" })).ThenRefused("not-found");
    }

    [Fact]
    [Trait("Requirement", "R-004")]
    public void what_was_decided_holds_until_the_first_of_its_ends()
    {
        var version = TaxNotice.Latest;
        Assert.Equal(Granted.Until.AddMicroseconds(-1), Coverage.LastInstant(Granted, Employer, version));
        var right = Employer.Then(new ProcedureDeclared("family-portal", ["tax-notice"], Start.AddDays(1)));
        Assert.Equal(Start.AddDays(1).AddMicroseconds(-1), Coverage.LastInstant(Granted, right, version));
        var ending = version with { Dates = new StatedDates(ExpiresOn: new DateOnly(2026, 3, 2)) };
        Assert.Equal(FrenchCalendar.StartOf(new DateOnly(2026, 3, 3)).AddMicroseconds(-1), Coverage.LastInstant(Standing, Employer, ending));
    }

    private static ConsentGranted Standing => Granted with { Pieces = [], EvidenceTypes = ["tax-notice"] };

    private static Func<Consent, Decision> Decided(
        ReadEvidence? command = null, Agency? grantee = null, Document? document = null, DateTimeOffset? now = null) =>
        consent => ReadEvidence.Decide(consent, grantee ?? Employer, document ?? TaxNotice, command ?? Reading, now ?? Start.AddDays(1));
}
