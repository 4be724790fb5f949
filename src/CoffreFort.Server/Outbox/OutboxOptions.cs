using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Outbox;

/// <summary>How messages are tried; configuration section <c>Outbox</c>.</summary>
public sealed record OutboxOptions
{
    /// <exception cref="SettingsException">Under such settings nothing could be sent.</exception>
    public static OutboxOptions From(IConfiguration configuration)
    {
        var usual = new OutboxOptions();
        return new OutboxOptions
        {
            FirstPause = configuration.Duration("Outbox:FirstPause", usual.FirstPause),
            MostAttempts = configuration.Read("Outbox:MostAttempts", usual.MostAttempts) is > 0 and var most ? most : throw new SettingsException("Outbox:MostAttempts is a number from 1."),
            Timeout = configuration.Duration("Outbox:Timeout", usual.Timeout),
            LookEvery = configuration.Duration("Outbox:LookEvery", usual.LookEvery),
        };
    }

    /// <summary>The pause after the first failed try; it doubles from there, up to an hour.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After so many tries a message is given up: about half a day.</summary>
    public int MostAttempts { get; init; } = 20;

    /// <summary>How long a receiver may take to answer one try.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often to look for due messages.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(2);
}
