namespace CoffreFort.IntegrationTests.Web;

/// <summary>Real time, plus what a test adds.</summary>
public sealed class ShellClock : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}
