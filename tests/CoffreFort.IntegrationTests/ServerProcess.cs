using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace CoffreFort.IntegrationTests;

/// <summary>
/// The built server as a process of its own, as <c>scripts/run</c> starts it, over a durable database: it can be killed, restarted and measured.
/// </summary>
/// <remarks>It is killed on dispose, and by the kernel when the test process ends in whatever way.</remarks>
public sealed class ServerProcess : IAsyncDisposable
{
    private readonly PostgresCluster cluster;
    private readonly string[] arguments;
    private readonly List<ServerProcess> nodes;
    private readonly ConcurrentDictionary<string, (string Token, Stopwatch Age)> tokens;
    private Process? process;

    private ServerProcess(PostgresCluster cluster, TestDatabase journal, TestDatabase keys, string[] blobs, string[] arguments)
    {
        (this.cluster, JournalDatabase, KeyDatabase, BlobSettings, this.arguments) = (cluster, journal, keys, blobs, arguments);
        (nodes, tokens) = ([this], new());
        Folder = Directory.CreateTempSubdirectory("coffrefort-process-").FullName;
        Data = Directory.CreateDirectory(Path.Combine(Folder, "data")).FullName;
        Temporary = Directory.CreateDirectory(Path.Combine(Folder, "tmp")).FullName;
        Log = Path.Combine(Folder, "server.log");
        Address = new Uri($"http://127.0.0.1:{FreePort()}");
    }

    /// <summary>One more node over what the first one has.</summary>
    private ServerProcess(ServerProcess first)
    {
        (cluster, JournalDatabase, KeyDatabase, arguments) = (first.cluster, first.JournalDatabase, first.KeyDatabase, first.arguments);
        (nodes, tokens) = (first.nodes, first.tokens);
        (Folder, Data, Temporary, BlobSettings) = (first.Folder, first.Data, first.Temporary, first.BlobSettings);
        do Address = new Uri($"http://127.0.0.1:{FreePort()}");
        while (nodes.Any(node => node.Address == Address));
        nodes.Add(this);
        Log = Path.Combine(Folder, $"server-{nodes.Count}.log");
    }

    public Uri Address { get; }

    /// <summary>Holds everything below, and the log.</summary>
    public string Folder { get; }

    /// <summary>The data folder: blobs, keyring, keys of cookies.</summary>
    public string Data { get; }

    /// <summary>Where its blobs are, when they are not in the data folder.</summary>
    public string[] BlobSettings { get; }

    /// <summary>The server's own folder for temporary files.</summary>
    public string Temporary { get; }

    /// <summary>All that it printed, over all its starts.</summary>
    public string Log { get; }

    public TestDatabase JournalDatabase { get; }

    public TestDatabase KeyDatabase { get; }

    /// <summary>PostgreSQL's own folder, write-ahead log included.</summary>
    public string DatabaseFolder => cluster.Folder;

    public int ProcessId => process!.Id;

    /// <summary>What the running server calls itself in the journal's database.</summary>
    public string Name => $"{Environment.MachineName}:{ProcessId}";

    /// <summary>All servers over this database and this data folder, in the order in which they were named.</summary>
    public IReadOnlyList<ServerProcess> Nodes => nodes;

    /// <summary>Resident memory now, in bytes.</summary>
    public long ResidentMemory => Status("VmRSS");

    /// <summary>The most resident memory there ever was, in bytes.</summary>
    public long PeakResidentMemory => Status("VmHWM");

    /// <param name="arguments">More configuration than address, data folder and databases, such as <c>--demo:seed true</c>.</param>
    public static async Task<ServerProcess> StartAsync(params string[] arguments) => await StartAsync(1, await PostgresCluster.SharedDurable, arguments);

    /// <summary>Starts several at once over one database and one data folder, as <c>scripts/run --nodes</c> does, and gives the first.</summary>
    /// <remarks>Signing in on one of them signs in on all. Disposing of the first ends all.</remarks>
    public static async Task<ServerProcess> StartAsync(int nodes, PostgresCluster cluster, params string[] arguments)
    {
        var first = new ServerProcess(cluster, await cluster.CreateDatabaseAsync(), await cluster.CreateDatabaseAsync(), await Azurite.SuiteSettingsAsync(), arguments);
        while (first.nodes.Count < nodes) _ = new ServerProcess(first);
        await Task.WhenAll(first.nodes.Select(node => node.StartAsync()));
        return first;
    }

    /// <summary>Starts it, again if it was killed, and returns once it is ready; says how long that took.</summary>
    public async Task<TimeSpan> StartAsync()
    {
        var watch = Stopwatch.StartNew();
        process = await Launcher.StartAsync(StartInfo());
        using var client = Anonymous();
        while (!await IsReadyAsync(client))
        {
            if (process.HasExited || watch.Elapsed > TimeSpan.FromSeconds(60))
                throw new InvalidOperationException($"The server {(process.HasExited ? "ended" : "isn't ready")}:\n{await File.ReadAllTextAsync(Log)}");
            await Task.Delay(20);
        }

        return watch.Elapsed;
    }

    /// <summary><c>kill -9</c>: nothing of the process runs after this.</summary>
    public async Task KillAsync()
    {
        if (process is null) return;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>Freezes it (<c>STOP</c>) or lets it go on (<c>CONT</c>).</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", ProcessId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    public HttpClient Anonymous() => new() { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(5) };

    /// <summary>A client signed in as a demo persona; its token survives restarts.</summary>
    public async Task<HttpClient> AsAsync(string persona)
    {
        if (!tokens.TryGetValue(persona, out var kept)) tokens[persona] = kept = (await SignInAsync(persona), Stopwatch.StartNew());
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", kept.Token);
        return client;
    }

    /// <summary>A token holds for an hour. Runs that may take longer say when it is a good moment to fetch others: while nothing is being killed.</summary>
    public async Task StaySignedInAsync()
    {
        foreach (var (persona, kept) in tokens)
            if (kept.Age.Elapsed > TimeSpan.FromMinutes(20)) tokens[persona] = (await SignInAsync(persona), Stopwatch.StartNew());
    }

    private async Task<string> SignInAsync(string persona)
    {
        using var anonymous = Anonymous();
        anonymous.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        using var answer = await anonymous.PostAsync(new Uri($"/demo/sign-in/{persona}", UriKind.Relative), null);
        answer.EnsureSuccessStatusCode();
        return (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["token"]!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes) await node.KillAsync();
        if (this != nodes[0]) return;
        await JournalDatabase.DisposeAsync();
        await KeyDatabase.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private ProcessStartInfo StartInfo()
    {
        // The shell only joins the log and is replaced: the process is the server itself.
        var start = new ProcessStartInfo("setpriv",
        [
            "--pdeathsig", "KILL", "sh", "-c", "exec >>\"$0\" 2>&1 </dev/null; exec dotnet \"$@\"", Log,
            Repository.Built("CoffreFort.Server", "CoffreFort.Server.dll"), "--urls", Address.ToString(), "--data", Data, "--demo", "true", "--demo:seed", "false", .. BlobSettings, .. arguments,
        ])
        {
            WorkingDirectory = Data,
        };
        start.Environment["TMPDIR"] = Temporary;
        start.Environment["ConnectionStrings__Journal"] = JournalDatabase.ApplicationConnectionString;
        start.Environment["ConnectionStrings__JournalOwner"] = JournalDatabase.OwnerConnectionString;
        start.Environment["ConnectionStrings__Keys"] = KeyDatabase.ApplicationConnectionString;
        start.Environment["ConnectionStrings__KeysOwner"] = KeyDatabase.OwnerConnectionString;
        return start;
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private long Status(string field)
    {
        var line = File.ReadLines($"/proc/{ProcessId}/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>Below the range that outgoing connections take theirs from: nothing else gets it while the server is down.</summary>
    private static int FreePort()
    {
        while (true)
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, Random.Shared.Next(20_000, 32_000)));
                return ((IPEndPoint)probe.LocalEndPoint!).Port;
            }
            catch (SocketException)
            {
            }
        }
    }
}
