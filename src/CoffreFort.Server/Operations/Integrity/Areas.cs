namespace CoffreFort.Server.Operations.Integrity;

/// <summary>What is checked, in this order.</summary>
public static class Areas
{
    public const string Journal = "journal";
    public const string Log = "log";
    public const string Views = "views";
    public const string Blobs = "blobs";
    public const string Keys = "keys";

    public static IReadOnlyList<string> All { get; } = [Journal, Log, Views, Blobs, Keys];
}
