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

    private static readonly Option<string[]> OnlyOption = new("--only") { Description = "Only this area: journal, views, blobs or keys; may be repeated" };

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
        using var output = new FsckOutput(Console.OpenStandardOutput(), parsed.GetValue(JsonOption));
        var report = await WatchedAsync(areas, output, (report, stop) => check.RunAsync(report, areas, sample, stop), cancellation);
        output.Finish(report);
        return report.DamageCount == 0 ? OperatorExit.Done : OperatorExit.Found;
    }

    /// <summary>Progress is for a person, on stderr; Spectre is silent where none watches.</summary>
    private static async Task<IntegrityReport> WatchedAsync(
        IEnumerable<string> areas, FsckOutput output, Func<IntegrityReport, CancellationToken, Task> check, CancellationToken cancellation)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
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

        public FsckOutput(Stream stream, bool json)
        {
            _lines = new StreamWriter(stream) { AutoFlush = true };
            if (!json) return;
            _json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
            _json.WriteStartObject();
            _json.WriteStartArray("findings");
        }

        public void Add(Finding finding)
        {
            if (_json is null) _lines.WriteLine(finding);
            else JsonSerializer.Serialize(_json, finding, JsonSerializerOptions.Web);
        }

        public void Finish(IntegrityReport report)
        {
            var damaged = report.DamageCount;
            if (_json is null)
            {
                foreach (var (things, count) in report.Looked) _lines.WriteLine($"looked at {count} {things}");
                foreach (var (kind, count) in report.Counts) _lines.WriteLine($"{count} {kind}");
                _lines.WriteLine(damaged == 0 ? "holds" : $"does not hold: {damaged} damaged");
                return;
            }

            _json.WriteEndArray();
            _json.WritePropertyName("lookedAt");
            JsonSerializer.Serialize(_json, report.Looked);
            _json.WriteNumber("damaged", damaged);
            _json.WriteBoolean("holds", damaged == 0);
            _json.WriteEndObject();
            _json.Flush();
            _lines.WriteLine();
        }

        public void Dispose()
        {
            _json?.Dispose();
            _lines.Dispose();
        }
    }
}
