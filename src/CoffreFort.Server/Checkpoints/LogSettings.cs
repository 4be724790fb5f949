using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Checkpoints;

/// <summary>How this installation's log is named and how often it publishes.</summary>
/// <param name="Origin">The log's name in its checkpoints (<c>Log:Origin</c>): the name of its key too. A log keeps it for life.</param>
/// <param name="Every">At most one checkpoint in this time (<c>Checkpoints:Every</c>).</param>
public sealed record LogSettings(string Origin, TimeSpan Every)
{
    /// <summary>For a demo, or one machine: whoever publishes to others names the log.</summary>
    public const string DefaultOrigin = "localhost/coffrefort";

    /// <exception cref="SettingsException">Under such settings nothing could ever be published.</exception>
    public static LogSettings From(IConfiguration configuration)
    {
        var origin = configuration["Log:Origin"] is { Length: > 0 } given ? given : DefaultOrigin;
        // A signed note's key is called like its log, and a name ends at white space and at a plus sign.
        if (origin.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter) || letter == '+'))
            throw new SettingsException($"Log:Origin is no name of a log: {origin}. It has no white space and no plus sign, such as log.example.org/coffrefort.");
        var every = configuration.Duration("Checkpoints:Every", TimeSpan.FromSeconds(1));
        var settings = new LogSettings(origin, every);
        return settings with { DelayedAfter = configuration.Duration("Checkpoints:DelayedAfter", settings.DelayedAfter) };
    }

    /// <summary>How long an event may wait for a checkpoint before that is a problem (<c>Checkpoints:DelayedAfter</c>).</summary>
    public TimeSpan DelayedAfter { get; init; } = Longer(TimeSpan.FromMinutes(5), 3 * Every);

    /// <summary>Below which address a log of this installation is served. Each has its own: what was served as unchangeable stays so.</summary>
    public string PrefixOf(string origin) => Owns(origin) ? "/log" + origin[Origin.Length..] : "/log";

    /// <summary>Whether an origin is this log's, or that of a log that continues it after a restored journal was accepted.</summary>
    public bool Owns(string origin) => origin == Origin || origin.StartsWith(Origin + "/continued-", StringComparison.Ordinal);

    /// <summary>The name of the log that continues this one: never used before, whatever was restored.</summary>
    public string Continued(DateTimeOffset now) => $"{Origin}/continued-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}";

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
