using CoffreFort.Server;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;

namespace CoffreFort.Specs.Features.Agencies;

public sealed class AgencySpecs
{
    private static readonly Guid Clerk = Guid.CreateVersion7();
    private static readonly AgencyRegistered Town = new("Mairie de Brest", "town-hall", null, null);
    private static readonly Procedure Procedure = EvidenceCatalogue.Load(Path.Combine(AppContext.BaseDirectory, "Catalogue")).FindProcedure("family-portal")!;
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void an_agency_is_registered_once() => Given.Stream<Agency>(Town)
        .When(agency => RegisterAgency.Decide(agency, new RegisterAgency("Mairie de Brest", "town-hall"))).ThenNothing();

    [Theory]
    [InlineData("", "caf", null, null, "agency-name")]
    [InlineData("Trésor", "treasury", null, null, "unknown-agency-kind")]
    [InlineData("Espace", "atlas", null, "Brest", "space-only")]
    [InlineData("Espace", "atlas", "BST-29", " ", "space-only")]
    [InlineData("Mairie", "town-hall", "BST-29", "Brest", "space-only")]
    public void only_a_space_has_a_site_and_every_agency_a_known_kind(string name, string kind, string? site, string? garrison, string code) =>
        Given.Nothing<Agency>().When(agency => RegisterAgency.Decide(agency, new RegisterAgency(name, kind, site, garrison))).ThenRefused(code);

    [Fact]
    public void a_dismissed_clerk_acts_no_more() => Assert.False(
        Given.Stream<Agency>(Town, new ClerkAppointed(Clerk, Personal.Of("Maëlle")), new ClerkDismissed(Clerk)).State.Employs(Clerk));

    [Fact]
    public void who_is_not_employed_is_not_dismissed() =>
        Given.Stream<Agency>(Town).When(agency => DismissClerk.Decide(agency, new DismissClerk(Clerk))).ThenNothing();

    [Fact]
    public void an_unknown_agency_appoints_nobody() => Given.Nothing<Agency>()
        .When(agency => AppointClerk.Decide(agency, new AppointClerk(Clerk, Personal.Of("Maëlle")))).ThenRefused("not-found");

    [Fact]
    public void a_habilitation_covers_what_the_procedure_asks_unless_it_is_narrower() => Given.Stream<Agency>(Town)
        .When(agency => DeclareProcedure.Decide(agency, Procedure, new DeclareProcedure(Procedure.Code)))
        .Then(new ProcedureDeclared(Procedure.Code, AskedTypes.Of(Procedure.Requirement), null));

    [Fact]
    [Trait("Requirement", "R-014")]
    public void a_habilitation_never_covers_more_than_the_procedure_asks() => Given.Stream<Agency>(Town)
        .When(agency => DeclareProcedure.Decide(agency, Procedure, new DeclareProcedure(Procedure.Code, ["posting-order"])))
        .ThenRefused("evidence-type-not-asked");

    [Fact]
    public void a_procedure_that_the_catalogue_lacks_is_not_declared() => Given.Stream<Agency>(Town)
        .When(agency => DeclareProcedure.Decide(agency, null, new DeclareProcedure("magic"))).ThenRefused("unknown-procedure");

    [Fact]
    [Trait("Requirement", "R-014")]
    public void a_habilitation_ends_at_its_instant()
    {
        var agency = Given.Stream<Agency>(Town, new ProcedureDeclared("family-portal", ["proof-of-address"], Now)).State;
        Assert.True(agency.MayRead("family-portal", "proof-of-address", Now.AddTicks(-1)));
        Assert.False(agency.MayRead("family-portal", "proof-of-address", Now));
        Assert.False(agency.MayRead("family-portal", "tax-notice", Now.AddTicks(-1)));
    }
}
