using System.Globalization;

namespace CoffreFort.Cli.Witness;

/// <summary>What is answered to a submitted checkpoint: a status of tlog-witness, and its body.</summary>
internal sealed record WitnessReply(int Status, string Body, string ContentType = "text/plain; charset=utf-8")
{
    public static WitnessReply Cosigned(string lines) => new(200, lines);

    public static WitnessReply Malformed(string fault) => new(400, fault + "\n");

    public static WitnessReply NotSigned { get; } = new(403, "No valid signature by a key that is known for this log.\n");

    public static WitnessReply UnknownLog { get; } = new(404, "This witness does not follow a log of that origin.\n");

    /// <summary>The old size is not the size that is known, or there is another tree of that size: the body is the size, for the next try.</summary>
    public static WitnessReply Conflict(long size) => new(409, string.Create(CultureInfo.InvariantCulture, $"{size}\n"), "text/x.tlog.size");

    public static WitnessReply NotConsistent { get; } = new(422, "The consistency proof does not hold.\n");

    public static WitnessReply Stopped(string why) => new(503, why + "\n");
}
