using CoffreFort.Server.Features.AccessRequests;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Vaults;
using static CoffreFort.Specs.Features.AccessRequests.Story;

namespace CoffreFort.Specs.Features.AccessRequests;

public sealed class AskForAccessSpecs
{
    private static readonly AskForAccess Ask = new(VaultId, AgencyId, Clerk, Enrolment, Asked.Situation, Asked.Message, null, null);

    [Fact]
    public void a_habilitated_agency_asks_for_thirty_days_unless_it_says_otherwise()
    {
        When(Ask).Then(Asked);
        When(Ask with { Expires = Now.AddDays(90) }).Then(Asked with { Expires = Now.AddDays(90) });
    }

    [Fact]
    public void what_a_consent_covers_is_not_asked_again()
    {
        var consent = Guid.CreateVersion7();
        When(Ask with { Covering = consent }).Then(Asked, new AccessRequestResolved(consent));
    }

    [Fact]
    public void an_unknown_vault_is_not_found() =>
        Given.Nothing<Vault>().When(vault => AskForAccess.Decide(vault, TownHall, Ask, Now)).ThenRefused("not-found");

    [Fact]
    public void somebody_who_no_longer_acts_for_the_agency_asks_nothing() => When(Ask with { Clerk = Guid.CreateVersion7() }).ThenRefused("no-agency");

    [Fact]
    public void a_procedure_of_other_agencies_is_refused() =>
        When(Ask, TownHall with { Kind = "caf" }).ThenRefused("procedure-not-for-agency");

    [Fact]
    public void without_a_habilitation_nothing_is_asked() =>
        When(Ask, Agency.Evolve(TownHall, new ProcedureWithdrawn(Enrolment.Code))).ThenRefused("not-habilitated");

    [Fact]
    [Trait("Requirement", "R-014")]
    public void a_habilitation_ends_at_its_instant()
    {
        var ended = Agency.Evolve(TownHall, new ProcedureDeclared(Enrolment.Code, ["identity-card"], Now));
        When(Ask, ended).ThenRefused("not-habilitated");
    }

    [Fact]
    public void an_agency_without_the_right_learns_nothing_of_a_vault() =>
        Given.Nothing<Vault>().When(vault => AskForAccess.Decide(vault, TownHall with { Kind = "caf" }, Ask, Now)).ThenRefused("procedure-not-for-agency");

    [Fact]
    public void the_time_to_answer_lies_ahead_and_within_ninety_days()
    {
        When(Ask with { Expires = Now }).ThenRefused("expires-in-the-past");
        When(Ask with { Expires = Now.AddDays(90).AddTicks(1) }).ThenRefused("expires-too-late");
    }

    private static Decided When(AskForAccess command, Agency? agency = null) =>
        Given.Stream<Vault>(Opened).When(vault => AskForAccess.Decide(vault, agency ?? TownHall, command, Now));
}
