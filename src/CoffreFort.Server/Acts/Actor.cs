using CoffreFort.EventStore;

namespace CoffreFort.Server.Acts;

/// <summary>Who acts, for whom, through which channel: what stands in the headers of every event. Opaque ids only.</summary>
/// <param name="Person">The person who acts; <see cref="System"/> for the system's own clockwork.</param>
/// <param name="Channel">One of <see cref="Channels"/>.</param>
/// <param name="Correlation">The request that this belongs to.</param>
public sealed record Actor(Guid Person, string Channel, string Correlation)
{
    /// <summary>Acts when no person does: a mutation that takes effect at its date.</summary>
    public static readonly Guid System = Guid.Empty;

    /// <summary>The event header that keeps <see cref="Fingerprint"/>.</summary>
    public const string FingerprintHeader = "request";

    /// <summary>The agency for which a clerk acts.</summary>
    public Guid? Agency { get; init; }

    /// <summary>As the client gave it; it holds for this person and this path only.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>What tells the request from another one under the same key; null where that is not asked.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The stream version that the client has seen and insists on (<c>If-Match</c>).</summary>
    public long? IfMatch { get; init; }

    /// <summary>The machine account that ran an operator's command, where nobody is signed in.</summary>
    public string? Account { get; init; }

    public Actor For(Guid agency) => this with { Agency = agency };

    /// <summary>Whoever runs an operator's command on this machine.</summary>
    public static Actor CommandLine() => new(System, Channels.Command, Guid.CreateVersion7().ToString("N")) { Account = Environment.UserName };

    public static Actor Clockwork(string correlation) => new(System, Channels.Worker, correlation);

    public EventMetadata Metadata()
    {
        var headers = new Dictionary<string, string>
        {
            ["actor"] = Person.ToString(), ["channel"] = Channel, ["correlation"] = Correlation,
        };
        if (Agency is { } agency) headers["agency"] = agency.ToString();
        if (Fingerprint is not null) headers[FingerprintHeader] = Fingerprint;
        if (Account is not null) headers["account"] = Account;
        return new EventMetadata(headers);
    }
}

public static class Channels
{
    public const string Api = "api";
    public const string Web = "web";
    public const string Worker = "worker";
    public const string Command = "command";
}
