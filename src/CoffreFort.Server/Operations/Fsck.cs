using System.CommandLine;
using System.Text.Json;
using CoffreFort.Server.Operations.Integrity;
using Spectre.Console;

namespace CoffreFort.Server.Operations;

/// <summary><c>coffrefort fsck</c>: re-derives what is stored from its bytes, names whatever is damaged, and changes nothing.</summary>
public static class Fsck
{
    private static readonly Option<string?> SampleOption = new("--sample")
    {
        Description = "Look at so many things of each area (200) or a share of them (5%) only, drawn anew each time; views are left out",
    };

    private static readonly Option<string[]> OnlyOption = new("--only") { Description = "Only this area: journal, log, views, blobs or keys; may be repeated" };

    private static readonly Option<bool> JsonOption = new("--json") { Description = "Print one JSON document" };

    public static OperatorCommand Command { get; } = new OperatorCommand(
        "fsck",
        "Check everything that is stored against what it must be, and name what is damaged. Ends with 0 when all holds, 1 when something is damaged, 2 when it couldn't look.",
        [SampleOption, OnlyOption, JsonOption],
        RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, IServiceProvider services, CancellationToken cancellation)
    {
        var sample = parsed.GetValue(SampleOption) is { } text
            ? Sample.Parse(text) ?? throw new OperatorException($"--sample takes a number or a percentage such as 5%, not '{text}'.")
            : null;
        var areas = parsed.GetValue(OnlyOption) is { Length: > 0 } only ? only : [.. Areas.All];
        if (areas.Except(Areas.All).FirstOrDefault() is { } unknown) throw new OperatorException($"--only takes {string.Join(", ", Areas.All)}, not '{unknown}'.");
        var check = ActivatorUtilities.CreateInstance<IntegrityCheck>(services);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        using var output = new FsckOutput(console, parsed.GetValue(JsonOption));
        var report = await WatchedAsync(console, areas, output, (report, stop) => check.RunAsync(report, areas, sample, stop), cancellation);
        output.Finish(report);
        return report.DamageCount == 0 ? OperatorExit.Done : OperatorExit.Found;
    }

    /// <summary>Progress is for a person, on stderr; where none watches there is none.</summary>
    private static async Task<IntegrityReport> WatchedAsync(
        IAnsiConsole console, IEnumerable<string> areas, FsckOutput output, Func<IntegrityReport, CancellationToken, Task> check, CancellationToken cancellation)
    {
        if (Console.IsErrorRedirected)
        {
            var quiet = new IntegrityReport(output.Add);
            await check(quiet, cancellation);
            return quiet;
        }

        return await console.Progress().AutoClear(true).StartAsync(async context =>
        {
            var bars = areas.ToDictionary(area => area, area => context.AddTask($"Checking {area}", autoStart: false));
            var report = new IntegrityReport(output.Add, (area, done, of) =>
            {
                var bar = bars[area];
                if (!bar.IsStarted) bar.StartTask();
                (bar.MaxValue, bar.Value) = (Math.Max(1, of), done);
            });
            await check(report, cancellation);
            return report;
        });
    }

    /// <summary>Each finding as it comes: one line, or one element.</summary>
    private sealed class FsckOutput : IDisposable
    {
        private readonly StreamWriter _lines;
        private readonly Utf8JsonWriter? _json;
        private readonly IAnsiConsole? _above;

        public FsckOutput(IAnsiConsole console, bool json)
        {
            var stream = Console.OpenStandardOutput();
            _lines = new StreamWriter(stream) { AutoFlush = true };
            // Where one terminal shows both, lines go above the bars and not through them.
            if (!json && !Console.IsOutputRedirected && !Console.IsErrorRedirected) _above = console;
            if (!json) return;
            _json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
            _json.WriteStartObject();
            _json.WriteStartArray("findings");
        }

        /// <summary>What can't be written is not to be taken for what can't be read.</summary>
        public void Add(Finding finding)
        {
            try
            {
                Write(finding);
            }
            catch (IOException failure)
            {
                throw new OperatorException($"The findings can't be written: {failure.Message}");
            }
        }

        private void Write(Finding finding)
        {
            if (_above is not null) _above.WriteLine(finding.ToString());
            else if (_json is null) _lines.WriteLine(finding);
            else JsonSerializer.Serialize(_json, finding, JsonSerializerOptions.Web);
            _json?.Flush();
        }

        public void Finish(IntegrityReport report)
        {
            var damaged = report.DamageCount;
            if (_json is null)
            {
                foreach (var (things, count) in report.Looked) _lines.WriteLine($"looked at {count} {things}");
                foreach (var (kind, count) in report.Counts) _lines.WriteLine($"{count} {kind}{Where(kind, report)}");
                _lines.WriteLine(damaged == 0 ? "holds" : $"does not hold: {damaged} damaged");
                return;
            }

            _json.WriteEndArray();
            _json.WritePropertyName("lookedAt");
            JsonSerializer.Serialize(_json, report.Looked);
            _json.WritePropertyName("damagedIn");
            JsonSerializer.Serialize(_json, report.DamagedIn);
            _json.WriteNumber("damaged", damaged);
            _json.WriteBoolean("holds", damaged == 0);
            _json.WriteEndObject();
            _json.Flush();
            _lines.WriteLine();
        }

        private static string Where(string kind, IntegrityReport report) => kind == Finding.Kinds.Damaged
            ? $": {string.Join(", ", report.DamagedIn.OrderByDescending(sort => sort.Value).Take(20).Select(sort => $"{sort.Key} {sort.Value}"))}"
            : "";

        public void Dispose()
        {
            _json?.Dispose();
            _lines.Dispose();
        }
    }
}
