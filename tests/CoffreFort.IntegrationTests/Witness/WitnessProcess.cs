using System.Diagnostics;
using System.Text;
using CoffreFort.Transparency;

namespace CoffreFort.IntegrationTests.Witness;

/// <summary><c>coffrefort witness</c> as a process of its own, over a folder of its own: it can be killed and started again.</summary>
/// <remarks>It is killed on dispose, and by the kernel when the test process ends in whatever way.</remarks>
internal sealed class WitnessProcess : IAsyncDisposable
{
    private readonly string parent = Directory.CreateTempSubdirectory("coffrefort-witness-").FullName;
    private readonly List<string> complaints = [];
    private string[] logs;
    private Process? process;
    private HttpClient? client;

    private WitnessProcess(NoteVerifierKey[] logs) => this.logs = [.. logs.Select(log => log.ToString())];

    /// <summary>Its folder; nothing else is in the folder above.</summary>
    public string Folder => Path.Combine(parent, "data");

    public Uri Address => client!.BaseAddress!;

    public NoteVerifierKey Key { get; private set; } = null!;

    /// <summary>All that it complained of, over all its starts.</summary>
    public string Complaints
    {
        get
        {
            lock (complaints) return string.Join('\n', complaints);
        }
    }

    public static async Task<WitnessProcess> StartAsync(params NoteVerifierKey[] logs)
    {
        var witness = new WitnessProcess(logs);
        await witness.StartAsync();
        return witness;
    }

    /// <summary>Starts it, again if it was killed, and returns once it listens, on another port than before unless one is given.</summary>
    public async Task StartAsync(int port = 0)
    {
        process = await Launcher.StartAsync(Start([.. Arguments, "--listen", $"127.0.0.1:{port}", .. logs.SelectMany(log => (string[])["--log", log])]));
        process.ErrorDataReceived += (_, line) =>
        {
            lock (complaints) complaints.Add(line.Data ?? "");
        };
        process.BeginErrorReadLine();
        var key = await process.StandardOutput.ReadLineAsync();
        var address = await process.StandardOutput.ReadLineAsync();
        if (address is null) throw new InvalidOperationException($"The witness ended: {Complaints}");
        Key = NoteVerifierKey.Parse(key!);
        client?.Dispose();
        client = new HttpClient { BaseAddress = new Uri(address.Split(' ')[2].TrimEnd(',')), Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Its operator has it follow one more log: it is started again where it was.</summary>
    public async Task FollowAsync(string key)
    {
        var port = Address.Port;
        await KillAsync();
        logs = [.. logs, key];
        await StartAsync(port);
    }

    /// <summary>Starts it where it must refuse; its complaint.</summary>
    public async Task<string> FailToStartAsync(params string[] more)
    {
        var (status, complaint) = await RunAsync([.. Arguments, "--listen", "127.0.0.1:0", .. logs.SelectMany(log => (string[])["--log", log]), .. more]);
        Assert.Equal(2, status);
        return complaint;
    }

    /// <summary><c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        if (process is null) return;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    public async Task<(int Status, string Content, string? ContentType)> SubmitAsync(string body) => await SubmitAsync(Encoding.UTF8.GetBytes(body));

    public async Task<(int Status, string Content, string? ContentType)> SubmitAsync(byte[] body)
    {
        using var content = new ByteArrayContent(body);
        using var answer = await client!.PostAsync(new Uri("/add-checkpoint", UriKind.Relative), content);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Content.Headers.ContentType?.ToString());
    }

    /// <summary>Its page for people.</summary>
    public Task<string> DescribeAsync() => client!.GetStringAsync(new Uri("/", UriKind.Relative));

    /// <summary>The file in which it keeps what it knows of its only log.</summary>
    public string StateFile() => Directory.GetFiles(Path.Combine(Folder, "state")).Single(file => !file.EndsWith(".new", StringComparison.Ordinal));

    public string[] Evidence() =>
        [.. Directory.GetDirectories(Path.Combine(Folder, "evidence")).SelectMany(Directory.GetDirectories).Select(folder => Path.GetFileName(folder)).Order()];

    /// <summary>Runs the command to its end.</summary>
    public static async Task<(int Status, string Complaint)> RunAsync(params string[] arguments)
    {
        using var process = await Launcher.StartAsync(Start(arguments));
        // One that starts where it must refuse would otherwise never end.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var end = patience.Token.Register(process.Kill);
        var output = process.StandardOutput.ReadToEndAsync();
        var complaint = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, complaint + await output);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        client?.Dispose();
        Directory.Delete(parent, recursive: true);
    }

    private string[] Arguments => ["witness", "--data", Folder, "--name", "witness.example/w1"];

    private static ProcessStartInfo Start(string[] arguments) =>
        new("setpriv", ["--pdeathsig", "KILL", "dotnet", Repository.Built("CoffreFort.Cli", "coffrefort.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
}
