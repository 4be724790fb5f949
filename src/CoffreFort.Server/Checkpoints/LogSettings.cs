namespace CoffreFort.Server.Checkpoints;

/// <summary>How this installation's log is named and how often it publishes.</summary>
/// <param name="Origin">The log's name in its checkpoints (<c>Log:Origin</c>): the name of its key too. A log keeps it for life.</param>
/// <param name="Every">At most one checkpoint in this time (<c>Checkpoints:Every</c>).</param>
public sealed record LogSettings(string Origin, TimeSpan Every)
{
    /// <summary>For a demo, or one machine: whoever publishes to others names the log.</summary>
    public const string DefaultOrigin = "localhost/coffrefort";

    public static LogSettings From(IConfiguration configuration) => new(
        configuration["Log:Origin"] is { Length: > 0 } origin ? origin : DefaultOrigin,
        configuration.GetValue<TimeSpan?>("Checkpoints:Every") ?? TimeSpan.FromSeconds(1));

    /// <summary>Whether an origin is this log's, or that of a log that continues it after a restored journal was accepted.</summary>
    public bool Owns(string origin) => origin == Origin || origin.StartsWith(Origin + "/continued-", StringComparison.Ordinal);

    /// <summary>The name of the log that continues this one: never used before, whatever was restored.</summary>
    public string Continued(DateTimeOffset now) => $"{Origin}/continued-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}";
}
