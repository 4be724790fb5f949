using System.Text.Json;
using CoffreFort.EventStore;
using CoffreFort.IntegrationTests.Journal;
using Npgsql;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary>What one node shall do.</summary>
/// <param name="ConnectionString">The database, as the role that serves requests.</param>
/// <param name="FirstWriter">The number of this node's first writer; all nodes' writers are numbered through.</param>
/// <param name="Writers">How many of them it runs.</param>
/// <param name="EventsEach">How many events each writer appends, at least.</param>
/// <param name="EventsAnAppend">How many share an append.</param>
/// <param name="Subscriptions">How many run over all nodes.</param>
/// <param name="Seed">The pauses' chance comes from it.</param>
internal sealed record WriterPlan(string ConnectionString, int FirstWriter, int Writers, int EventsEach, int EventsAnAppend, int Subscriptions, int Seed);

/// <summary>One node of the run over the journal, as a process of its own: writers, and the subscriptions that write down what they see.</summary>
/// <remarks>It prints a line for each acknowledged append, then "done" with its counts, and goes on following until its input ends.</remarks>
internal static class WriterNode
{
    public static async Task<int> Main(string[] arguments)
    {
        var plan = JsonSerializer.Deserialize<WriterPlan>(arguments[0])!;
        await using var source = NpgsqlDataSource.Create(plan.ConnectionString);
        await using var journal = new EventStore.Journal(source, TestJournal.Registry);
        var recorders = Enumerable.Range(1, plan.Subscriptions).Select(number => new Recorder(number));
        var subscriptions = new Subscriptions(journal, source, recorders, new SubscriptionOptions { BatchSize = 2000, RetryAfter = TimeSpan.FromMilliseconds(300) });
        using var stop = new CancellationTokenSource();
        var following = subscriptions.RunAsync(stop.Token);
        var output = TextWriter.Synchronized(Console.Out);
        var writers = Enumerable.Range(plan.FirstWriter, plan.Writers).Select(number => new ChaosWriter(plan, number, journal, source, output)).ToList();
        await Task.WhenAll(writers.Select(writer => Task.Run(writer.RunAsync)));
        var counts = writers.Select(writer => writer.Counts).Aggregate((one, other) => one + other);
        await output.WriteLineAsync($"done {JsonSerializer.Serialize(counts)}");
        await output.FlushAsync();
        await Console.In.ReadToEndAsync();
        await stop.CancelAsync();
        await following;
        return 0;
    }

    /// <summary>Writes down every event that takes effect, in the order in which it does.</summary>
    private sealed class Recorder(int number) : ISubscription
    {
        public string Name => $"seen_{number}";

        public async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellation)
        {
            await using var command = new NpgsqlCommand(
                $"create table if not exists coffrefort_views.{Name} (entry bigint generated always as identity, position bigint not null)", connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }

        public async Task ApplyAsync(IReadOnlyList<StoredEvent> events, NpgsqlConnection connection, CancellationToken cancellation)
        {
            await using var command = new NpgsqlCommand($"insert into coffrefort_views.{Name} (position) select * from unnest($1)", connection);
            command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. events.Select(stored => stored.Position)] });
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
