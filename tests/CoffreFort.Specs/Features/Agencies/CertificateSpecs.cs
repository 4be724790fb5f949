using CoffreFort.EventStore;
using CoffreFort.Server;
using CoffreFort.Server.Features.Agencies;

namespace CoffreFort.Specs.Features.Agencies;

/// <summary>A certificate is enrolled by two people from two sides, and taken away by one.</summary>
public class CertificateSpecs
{
    private const string Fingerprint = "aa";

    private static readonly Guid s_clerk = Guid.NewGuid();
    private static readonly Guid s_colleague = Guid.NewGuid();
    private static readonly Guid s_operator = Guid.NewGuid();

    private static readonly IEvent[] s_agency = [new AgencyRegistered("CAF", "caf", null, null), new ClerkAppointed(s_clerk, Personal.Of("A")), new ClerkAppointed(s_colleague, Personal.Of("B"))];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "R-333")]
    public void one_of_each_side_enrols_a_certificate_whoever_begins(bool clerkFirst)
    {
        var (first, second) = clerkFirst ? (s_clerk, s_operator) : (s_operator, s_clerk);
        var proposed = Given([.. s_agency, .. ProposeCertificate.Decide(Given(s_agency), new ProposeCertificate(Fingerprint, "AA==", first, !clerkFirst)).Events]);
        Assert.Null(proposed.Recipient);

        var confirmed = Assert.Single(ConfirmCertificate.Decide(proposed, new ConfirmCertificate(Fingerprint, second, clerkFirst)).Events);
        Assert.Equal(Fingerprint, Agency.Evolve(proposed, confirmed).Recipient?.Fingerprint);
    }

    [Fact]
    [Trait("Requirement", "R-333")]
    public void nobody_confirms_their_own_proposal_or_one_from_their_own_side()
    {
        var byClerk = Given([.. s_agency, new CertificateProposed(Fingerprint, "AA==", s_clerk, Sides.Agency)]);
        var byOperator = Given([.. s_agency, new CertificateProposed(Fingerprint, "AA==", s_operator, Sides.Operator)]);
        // Somebody who is both a clerk and an operator is still one person.
        Refused("second-person-needed", ConfirmCertificate.Decide(byClerk, new ConfirmCertificate(Fingerprint, s_clerk, IsOperator: true)));
        Refused("second-person-needed", ConfirmCertificate.Decide(byClerk, new ConfirmCertificate(Fingerprint, s_colleague, IsOperator: false)));
        Refused("second-person-needed", ConfirmCertificate.Decide(byOperator, new ConfirmCertificate(Fingerprint, Guid.NewGuid(), IsOperator: true)));
        Refused("not-found", ConfirmCertificate.Decide(byOperator, new ConfirmCertificate(Fingerprint, Guid.NewGuid(), IsOperator: false)));
        Refused("not-found", ProposeCertificate.Decide(Given(s_agency), new ProposeCertificate(Fingerprint, "AA==", Guid.NewGuid(), IsOperator: false)));
    }

    [Fact]
    [Trait("Requirement", "R-333")]
    public void nobody_speaks_for_an_agency_that_they_left_and_an_operator_never_does()
    {
        var left = Given([.. s_agency, new CertificateProposed(Fingerprint, "AA==", s_clerk, Sides.Agency), new ClerkDismissed(s_clerk)]);
        Refused("proposer-left", ConfirmCertificate.Decide(left, new ConfirmCertificate(Fingerprint, s_operator, IsOperator: true)));

        // Two operators, one of whom had themselves appointed clerk.
        var proposal = ProposeCertificate.Decide(Given(s_agency), new ProposeCertificate(Fingerprint, "AA==", s_clerk, IsOperator: true));
        Assert.Equal(Sides.Operator, Assert.IsType<CertificateProposed>(Assert.Single(proposal.Events)).Side);
        var byOperator = Given([.. s_agency, new CertificateProposed(Fingerprint, "AA==", s_operator, Sides.Operator)]);
        Refused("second-person-needed", ConfirmCertificate.Decide(byOperator, new ConfirmCertificate(Fingerprint, s_colleague, IsOperator: true)));
    }

    [Fact]
    [Trait("Requirement", "R-333")]
    public void what_was_revoked_is_never_used_again_and_the_one_before_it_is()
    {
        IEvent[] two =
        [
            .. s_agency, new CertificateProposed("aa", "AA==", s_clerk, Sides.Agency), new CertificateEnrolled("aa", s_operator),
            new CertificateProposed("bb", "AA==", s_clerk, Sides.Agency), new CertificateEnrolled("bb", s_operator),
        ];
        Assert.Equal("bb", Given(two).Recipient?.Fingerprint);
        var revoked = Given([.. two, .. RevokeCertificate.Decide(Given(two), new RevokeCertificate("bb", s_clerk, false)).Events]);
        Assert.Equal("aa", revoked.Recipient?.Fingerprint);
        Refused("certificate-ended", ConfirmCertificate.Decide(revoked, new ConfirmCertificate("bb", s_operator, true)));
        Refused("certificate-ended", ProposeCertificate.Decide(revoked, new ProposeCertificate("bb", "AA==", s_clerk, false)));
        Refused("not-found", RevokeCertificate.Decide(revoked, new RevokeCertificate("aa", Guid.NewGuid(), false)));
    }

    private static Agency Given(IEnumerable<IEvent> events) => events.Aggregate(Agency.Empty, Agency.Evolve);

    private static void Refused(string code, Decision decision) => Assert.Equal(code, decision.Refusal?.Code);
}
