using CoffreFort.Server;
using CoffreFort.Server.Features.Audits;

namespace CoffreFort.Specs.Features.Audits;

public sealed class AuditSpecs
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Auditor = Guid.CreateVersion7();
    private static readonly Guid Vault = Guid.CreateVersion7();
    private static readonly Personal Reason = Personal.Of("Plainte");
    private static readonly AuditOpened Opened = new(Auditor, Reason, [Vault], Now.AddDays(30));
    private static readonly QueryAudit Query = new(Questions.State, Vault, Auditor, Now.AddDays(-1));

    [Fact]
    public void an_audit_is_opened_with_its_reason_its_scope_and_its_end() =>
        Given.Nothing<Audit>().When(audit => OpenAudit.Decide(audit, new OpenAudit(Auditor, Reason, [Vault, Vault], null), Now)).Then(Opened);

    [Theory]
    [InlineData(0, "until-past")]
    [InlineData(-1, "until-past")]
    [InlineData(366, null)]
    [InlineData(367, "until-too-far")]
    public void it_ends_in_the_future_and_within_a_year(int days, string? code) =>
        Assert.Equal(code, OpenAudit.Decide(Audit.Empty, new OpenAudit(Auditor, Reason, [], Now.AddDays(days)), Now).Refusal?.Code);

    [Fact]
    [Trait("Requirement", "R-033")]
    public void each_question_is_recorded() =>
        Given.Stream<Audit>(Opened).When(audit => QueryAudit.Decide(audit, Query, Now)).Then(new AuditQueried("state", Vault, Query.At));

    [Fact]
    public void an_audit_without_named_vaults_is_about_all() =>
        Given.Stream<Audit>(Opened with { Vaults = [] }).When(audit => QueryAudit.Decide(audit, Query, Now)).Then(new AuditQueried("state", Vault, Query.At));

    [Fact]
    public void another_vault_is_outside_its_scope() =>
        Given.Stream<Audit>(Opened).When(audit => QueryAudit.Decide(audit, Query with { Vault = Guid.CreateVersion7() }, Now)).ThenRefused("audit-scope");

    [Fact]
    public void after_its_end_nothing_is_answered()
    {
        var audit = Given.Stream<Audit>(Opened);
        audit.When(state => QueryAudit.Decide(state, Query, Opened.Until.AddMicroseconds(-1))).Then(new AuditQueried("state", Vault, Query.At));
        audit.When(state => QueryAudit.Decide(state, Query, Opened.Until)).ThenRefused("audit-ended");
    }

    [Fact]
    public void the_future_is_not_replayed() =>
        Given.Stream<Audit>(Opened).When(audit => QueryAudit.Decide(audit, Query with { At = Now.AddMicroseconds(1) }, Now)).ThenRefused("at-in-the-future");

    [Fact]
    public void another_auditors_audit_looks_like_none_at_all()
    {
        Given.Stream<Audit>(Opened).When(audit => QueryAudit.Decide(audit, Query with { Auditor = Guid.CreateVersion7() }, Now)).ThenRefused("not-found");
        Given.Nothing<Audit>().When(audit => QueryAudit.Decide(audit, Query, Now)).ThenRefused("not-found");
    }
}
