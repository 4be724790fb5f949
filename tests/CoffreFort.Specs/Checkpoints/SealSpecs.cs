using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;

namespace CoffreFort.Specs.Checkpoints;

public class SealSpecs
{
    private static readonly StoredCheckpoint Checkpoint = new(1, "log.example", 10, "", DateTimeOffset.UnixEpoch);

    [Theory]
    [InlineData(true, false, 0, false, "plain", "no-checkpoint-yet")]
    [InlineData(true, true, 239, false, "evidence", "timestamp-pending")]
    [InlineData(true, true, 241, false, "plain", "unsealed-too-long")]
    [InlineData(true, true, 241, true, "evidence", "timestamped")]
    [InlineData(false, true, 0, false, "evidence", "no-authority-configured")]
    [InlineData(false, false, 241, false, "plain", "no-checkpoint-yet")]
    [Trait("Requirement", "R-284")]
    public void a_receipt_counts_as_evidence_only_while_seals_follow(bool authority, bool covered, int minutes, bool stamped, string grade, string reason)
    {
        var seals = new Seals(authority, Checkpoint, null, TimeSpan.FromMinutes(minutes));
        Assert.Equal(new ReceiptGrade(grade, reason), seals.GradeOf(covered, stamped));
    }

    [Fact]
    public void the_debt_is_shown_in_hours_minutes_and_seconds() =>
        Assert.Equal("50:04:09", LogStatus.Show(new TimeSpan(2, 2, 4, 9)));

    [Fact]
    public void a_log_owns_its_continuations_and_no_other_name()
    {
        var settings = new LogSettings("log.example/one", TimeSpan.Zero);
        Assert.True(settings.Owns("log.example/one"));
        Assert.True(settings.Owns(settings.Continued(DateTimeOffset.UnixEpoch)));
        Assert.False(settings.Owns("log.example/onetwo"));
        Assert.False(settings.Owns("log.example/two"));
    }
}
