using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary>The processes of a run over the journal, and what they said.</summary>
internal sealed class JournalRun(IReadOnlyList<WriterPlan> plans) : IAsyncDisposable
{
    private readonly List<Process> processes = [];
    private readonly List<Task> reading = [];
    private readonly ConcurrentQueue<string> wrong = [];
    private long events;

    /// <summary>Positions and ids of the first and last event of each acknowledged append.</summary>
    public ConcurrentQueue<(long First, long Last, Guid FirstId, Guid LastId)> Acknowledged { get; } = [];

    public ConcurrentQueue<WriterCounts> Counts { get; } = [];

    /// <summary>What no node should ever say, and the ends that nobody asked for.</summary>
    public IReadOnlyCollection<string> Wrong => wrong;

    public long AcknowledgedEvents => Interlocked.Read(ref events);

    /// <summary>Whether all writers have written their share, or something went wrong.</summary>
    public bool IsOver => Counts.Count == plans.Count || !wrong.IsEmpty;

    public async Task StartAsync()
    {
        foreach (var plan in plans)
        {
            var start = new ProcessStartInfo("setpriv",
                ["--pdeathsig", "KILL", "dotnet", typeof(WriterNode).Assembly.Location, JsonSerializer.Serialize(plan)])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            };
            var process = await Launcher.StartAsync(start);
            processes.Add(process);
            reading.Add(ListenAsync(process));
        }
    }

    /// <summary>Lets the nodes end, and waits for it.</summary>
    public async Task EndAsync()
    {
        foreach (var process in processes) process.StandardInput.Close();
        await Task.WhenAll(reading).WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    private async Task ListenAsync(Process process)
    {
        var complaints = process.StandardError.ReadToEndAsync();
        var done = false;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("done ", StringComparison.Ordinal))
            {
                Counts.Enqueue(JsonSerializer.Deserialize<WriterCounts>(line[5..])!);
                done = true;
            }
            else if (line.StartsWith("wrong", StringComparison.Ordinal)) wrong.Enqueue(line);
            else Take(line.Split(' '));
        }

        if (!done) wrong.Enqueue($"A node ended: {await complaints}");
    }

    private void Take(string[] parts)
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        var (first, last) = (long.Parse(parts[0], culture), long.Parse(parts[1], culture));
        Acknowledged.Enqueue((first, last, Guid.Parse(parts[2]), Guid.Parse(parts[3])));
        Interlocked.Add(ref events, last - first + 1);
    }

    /// <summary>Each acknowledged append that does not stand where it was said to.</summary>
    public async Task<List<string>> MissingAsync(NpgsqlDataSource owner)
    {
        var ids = new List<Guid>();
        await using var command = owner.CreateCommand("select id from coffrefort.mt_events order by seq_id");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) ids.Add(reader.GetGuid(0));
        return
        [
            .. from one in Acknowledged
               where one.Last > ids.Count || ids[(int)one.First - 1] != one.FirstId || ids[(int)one.Last - 1] != one.LastId
               select $"The append at {one.First} to {one.Last} was acknowledged and is not there.",
        ];
    }
}
