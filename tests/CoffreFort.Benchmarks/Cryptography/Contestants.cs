using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using CoffreFort.Benchmarks.Journal;
using Npgsql;

namespace CoffreFort.Benchmarks.Cryptography;

/// <summary>Something that documents are stored in and fetched from over HTTP, in a process of its own.</summary>
internal abstract class Contestant : IDisposable
{
    private Process? process;

    /// <summary>Where it keeps what it was given.</summary>
    public required string Folder { get; init; }

    public HttpClient Client { get; } = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(10) };

    /// <returns>The address to fetch it from.</returns>
    public abstract Task<string> StoreAsync(HttpContent content);

    /// <summary>What was stored is removed behind its back, so that rounds don't fill the disk. Hidden files are not documents: without its checkpoint the server would stop its log.</summary>
    public void Empty()
    {
        foreach (var file in Directory.EnumerateFiles(Folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden })) File.Delete(file);
    }

    public async Task<long> FetchAsync(string address, byte[] buffer)
    {
        using var answer = await Client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync();
        var total = 0L;
        while (await body.ReadAsync(buffer) is > 0 and var read) total += read;
        return total;
    }

    public void Dispose()
    {
        Client.Dispose();
        if (process is null) return;
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }

    /// <summary>The same garbage collector for both, and no process that stays behind.</summary>
    protected async Task StartAsync(Uri address, string ready, Dictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", Environment.ProcessPath!, .. arguments]) { RedirectStandardOutput = true };
        start.Environment["DOTNET_gcServer"] = "1";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        process = await Launcher.StartAsync(start);
        process.OutputDataReceived += (_, line) => { if (line.Data is { Length: > 0 } said) Console.Error.WriteLine(said); };
        process.BeginOutputReadLine();
        Client.BaseAddress = address;
        for (var waiting = Stopwatch.StartNew(); !await IsReadyAsync(ready); await Task.Delay(50))
            if (process.HasExited || waiting.Elapsed > TimeSpan.FromMinutes(1)) throw new InvalidOperationException($"{arguments[0]} did not start.");
    }

    protected static Uri FreeAddress()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://{listener.LocalEndpoint}");
    }

    private async Task<bool> IsReadyAsync(string path)
    {
        try
        {
            using var answer = await Client.GetAsync(path);
            return (int)answer.StatusCode is 200 or 404;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

/// <summary><see cref="BareEndpoint"/>.</summary>
internal sealed class Floor : Contestant
{
    public static async Task<Floor> StartAsync(string folder)
    {
        var floor = new Floor { Folder = Directory.CreateDirectory(Path.Combine(folder, "floor")).FullName };
        var address = FreeAddress();
        await floor.StartAsync(address, "/", [], Environment.GetCommandLineArgs()[0], "floor", address.ToString(), floor.Folder);
        return floor;
    }

    public override async Task<string> StoreAsync(HttpContent content)
    {
        var name = $"/{Guid.NewGuid():N}";
        using var answer = await Client.PutAsync(name, content);
        answer.EnsureSuccessStatusCode();
        return name;
    }
}

/// <summary>The real server, as its operator starts it, on a durable PostgreSQL of its own.</summary>
internal sealed class Real : Contestant
{
    private string vault = "";

    public static async Task<Real> StartAsync(string program, string folder, PrivateCluster cluster)
    {
        var data = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        var real = new Real { Folder = Path.Combine(data, "blobs") };
        await using (var owner = NpgsqlDataSource.Create(cluster.ConnectionString("app")))
            foreach (var name in new[] { "coffrefort", "coffrefort_keys" })
            {
                await using var create = owner.CreateCommand($"create database {name}");
                await create.ExecuteNonQueryAsync();
            }

        string Connection(string user, string database) => string.Create(CultureInfo.InvariantCulture, $"Host={cluster.Host};Username={user};Database={database}");
        var address = FreeAddress();
        await real.StartAsync(
            address, "/health/ready",
            new()
            {
                ["ConnectionStrings__Journal"] = Connection("coffrefort_app", "coffrefort"),
                ["ConnectionStrings__JournalOwner"] = Connection("app", "coffrefort"),
                ["ConnectionStrings__Keys"] = Connection("coffrefort_app", "coffrefort_keys"),
                ["ConnectionStrings__KeysOwner"] = Connection("app", "coffrefort_keys"),
            },
            program, "--urls", address.ToString(), "--data", data, "--demo", "true", "--demo:seed", "false", "--Logging:LogLevel:Default", "Warning");
        await real.OpenVaultAsync();
        return real;
    }

    public override async Task<string> StoreAsync(HttpContent content)
    {
        using var answer = await Client.PostAsync($"/api/v1/vaults/{vault}/documents?evidenceType=tax-notice&title=Mesure", content);
        answer.EnsureSuccessStatusCode();
        return $"/api/v1/documents/{(await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]}/versions/1/content";
    }

    private async Task OpenVaultAsync()
    {
        Client.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        using var signedIn = await Client.PostAsync("/demo/sign-in/holder", null);
        signedIn.EnsureSuccessStatusCode();
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)(await signedIn.Content.ReadFromJsonAsync<JsonObject>())!["token"]!);
        using var opened = await Client.PostAsync("/api/v1/vaults", null);
        opened.EnsureSuccessStatusCode();
        vault = (string)(await opened.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
    }
}
