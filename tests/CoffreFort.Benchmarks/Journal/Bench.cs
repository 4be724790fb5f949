using System.Globalization;
using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.Benchmarks.Journal;

/// <summary>What every part of the benchmark works on: one private cluster, the journal in it, and the floors' tables beside it.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly PrivateCluster _cluster = new();

    public Bench(Contest contest)
    {
        Contest = contest;
        Owner = NpgsqlDataSource.Create(_cluster.ConnectionString("app"));
        Application = NpgsqlDataSource.Create(_cluster.ConnectionString("coffrefort_app"));
        Registry = new EventRegistry(NotedJson.Default.Options, new EventTypes().Add<Noted>("bench_noted"));
        Journal = new EventStore.Journal(Application, Registry);
        Grouped = new Floor(Owner, grouped: true);
        Single = new Floor(Owner, grouped: false);
    }

    public Contest Contest { get; }

    public NpgsqlDataSource Owner { get; }

    public NpgsqlDataSource Application { get; }

    public EventRegistry Registry { get; }

    public EventStore.Journal Journal { get; }

    public Floor Grouped { get; }

    public Floor Single { get; }

    public async Task PrepareAsync()
    {
        await JournalSchema.MigrateAsync(Owner);
        await ExecuteAsync(
            """
            create schema floor;
            create table floor.mt_events (like coffrefort.mt_events including indexes including defaults);
            alter table floor.mt_events drop column leaf_hash;
            create table floor.mt_streams (like coffrefort.mt_streams including indexes including defaults)
            """);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Owner.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A new stream.</summary>
    public Task<AppendResult> StartAsync(Guid id, int events)
    {
        var session = Journal.OpenSession();
        session.StartStream<Notebook>(id, [.. Enumerable.Range(0, events).Select(Noted.Next)]);
        return session.SaveChangesAsync();
    }

    /// <summary>Until the journal has this many events, in streams of 100.</summary>
    public async Task GrowAsync(long size)
    {
        var missing = size - (await Journal.HeadAsync()).Size;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, (int)Math.Max(0, (missing + 999) / 1000)), new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (_, cancellation) =>
            {
                var session = Journal.OpenSession();
                for (var stream = 0; stream < 10; stream++) session.StartStream<Notebook>(Guid.CreateVersion7(), [.. Enumerable.Range(0, 100).Select(Noted.Next)]);
                await session.SaveChangesAsync(cancellation);
            });
    }

    public static void Row(params object[] cells) => Console.WriteLine($"| {string.Join(" | ", cells.Select(Cell))} |");

    public static void Head(string title, params string[] columns)
    {
        Console.WriteLine($"\n### {title}\n");
        Row(columns);
        Console.WriteLine($"| {string.Join(" | ", columns.Select((_, i) => i == 0 ? "---" : "---:"))} |");
    }

    public async ValueTask DisposeAsync()
    {
        await Grouped.DisposeAsync();
        await Single.DisposeAsync();
        await Journal.DisposeAsync();
        await Application.DisposeAsync();
        await Owner.DisposeAsync();
        _cluster.Dispose();
    }

    private static string Cell(object cell) => cell switch
    {
        Score score => score.Rate.ToString("N0", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString("N0", CultureInfo.InvariantCulture),
        _ => cell.ToString()!,
    };
}
