using System.CommandLine;

namespace CoffreFort.Server.Operations;

/// <summary>
/// Where an operator's command finds the data: settings as the server's, from the environment or <c>--set</c>, or the folder of
/// <c>scripts/run</c>, whose running PostgreSQL is found by the socket that stands in it.
/// </summary>
internal static class OperatorSettings
{
    private const string Journal = "ConnectionStrings:Journal";

    public static Option<string?> Data { get; } = new("--data")
    {
        Description = "The data folder; that of scripts/run when left out. Its running databases are found by themselves unless ConnectionStrings__Journal names one",
    };

    public static Option<string[]> Set { get; } = new("--set")
    {
        Description = "A setting of the server, KEY=VALUE, such as ConnectionStrings:Keys=Host=…; may be repeated",
    };

    /// <summary>The application's configuration, as on its command line.</summary>
    /// <exception cref="OperatorException">Neither a connection string nor a running cluster is there.</exception>
    public static string[] For(ParseResult parsed)
    {
        var set = (parsed.GetValue(Set) ?? []).Select(Pair).ToList();
        var known = new ConfigurationBuilder().AddEnvironmentVariables().AddInMemoryCollection(set).Build();
        var named = known[Journal] is { Length: > 0 };
        var data = parsed.GetValue(Data) ?? known["data"] ?? (named ? ".data" : DefaultFolder());
        var settings = named ? set : [.. Cluster(data), .. set];
        return
        [
            "--data", Path.GetFullPath(data), "--Logging:LogLevel:Default", "Warning", "--Logging:Console:LogToStandardErrorThreshold", "Trace",
            .. settings.SelectMany(setting => new[] { $"--{setting.Key}", setting.Value! }),
        ];
    }

    private static KeyValuePair<string, string?> Pair(string text) => text.Split('=', 2) is [{ Length: > 0 } key, var value]
        ? new(key.Replace("__", ":", StringComparison.Ordinal), value)
        : throw new OperatorException($"--set takes KEY=VALUE, not '{text}'.");

    /// <summary>The databases of a folder that scripts/run keeps.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> Cluster(string data)
    {
        var found = Path.Combine(data, "postgres", "socket-folder");
        var socket = File.Exists(found) ? File.ReadAllText(found).Trim() : null;
        if (socket is null || !File.Exists(Path.Combine(socket, ".s.PGSQL.5432")))
        {
            throw new OperatorException(
                $"No PostgreSQL runs for the data folder {data}. Start it (scripts/run --data DIR, or scripts/postgres start DIR), name another folder with --data, or set ConnectionStrings__Journal.");
        }

        foreach (var (name, database, role) in new[]
        {
            ("Journal", "coffrefort", "coffrefort_app"), ("JournalOwner", "coffrefort", "app"),
            ("Keys", "coffrefort_keys", "coffrefort_app"), ("KeysOwner", "coffrefort_keys", "app"),
        })
            yield return new($"ConnectionStrings:{name}", $"Host={socket};Username={role};Database={database}");
        // Written while scripts/run --blobs azurite runs.
        var azurite = Path.Combine(data, "azurite", "connection");
        if (!File.Exists(azurite)) yield break;
        yield return new("Blobs:Azure:ConnectionString", File.ReadAllText(azurite).Trim());
        yield return new("Blobs:Azure:Container", "coffrefort");
    }

    /// <summary>As in scripts/run.</summary>
    private static string DefaultFolder()
    {
        if (Environment.IsPrivilegedProcess) return "/var/lib/coffrefort";
        var home = Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } set
            ? set
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share");
        return Path.Combine(home, "coffrefort");
    }
}
