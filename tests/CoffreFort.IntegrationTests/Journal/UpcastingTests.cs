using System.Text.Json;
using System.Text.Json.Nodes;
using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>Events of an older shape, really stored by an older program, mean the same to every reader of the newer one; and no stored byte changes.</summary>
[Trait("Requirement", "R-227")]
public sealed class UpcastingTests : IAsyncLifetime
{
    private static readonly EventRegistry olderProgram = new(JsonSerializerOptions.Default, new EventTypes().Add<CountedInEuros>("till_counted"));
    private static readonly EventRegistry newerProgram = new(JsonSerializerOptions.Default, new EventTypes().Add<Counted>("till_counted", ToCents));

    private readonly Guid _till = Guid.NewGuid();
    private TestJournal _test = null!;
    private EventStore.Journal _older = null!;
    private EventStore.Journal _newer = null!;

    public async Task InitializeAsync()
    {
        _test = await TestJournal.CreateAsync();
        _older = _test.AddNode(olderProgram);
        _newer = _test.AddNode(newerProgram);
        var session = _older.OpenSession();
        session.StartStream<Till>(_till, new CountedInEuros(3), new CountedInEuros(4));
        await session.SaveChangesAsync();
    }

    public async Task DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task a_fold_now_or_as_of_a_version_takes_every_shape_and_new_events_follow_in_the_new_one()
    {
        Assert.Equal(700, (await _newer.AggregateStreamAsync<Till>(_till))!.Cents);
        var session = _newer.OpenSession();
        var till = await session.FetchForWriting<Till>(_till);
        Assert.Equal(700, till.State.Cents);
        till.Append(new Counted(50, "EUR"));
        await session.SaveChangesAsync();

        Assert.Equal(750, (await _newer.AggregateStreamAsync<Till>(_till))!.Cents);
        Assert.Equal(300, (await _newer.AggregateStreamAsync<Till>(_till, version: 1))!.Cents);
        Assert.Equal(["till_counted", "till_counted", "till_counted_v2"], (await _newer.FetchStreamAsync(_till)).Select(stored => stored.Type));
        Assert.All(await _newer.FetchStreamAsync(_till), stored => Assert.Equal("till_counted", stored.Name));
        // An older program does not guess at what a newer one wrote.
        await Assert.ThrowsAsync<UnknownEventTypeException>(() => _older.AggregateStreamAsync<Till>(_till));
    }

    [Fact]
    public async Task a_replay_and_a_subscription_from_the_beginning_see_the_present_shape()
    {
        var session = _newer.OpenSession();
        (await session.FetchForWriting<Till>(_till)).Append(new Counted(50, "EUR"));
        await session.SaveChangesAsync();
        var replayed = new List<IEvent>();
        await foreach (var stored in _newer.ReadAllAsync()) replayed.Add(stored.Body);
        var heard = new Heard();
        using var stop = new CancellationTokenSource();
        var subscriptions = new Subscriptions(_newer, _test.Application, [heard], new SubscriptionOptions { BatchSize = 2 });
        var running = subscriptions.RunAsync(stop.Token);

        Assert.True(await subscriptions.WaitForAsync(heard.Name, 3, TimeSpan.FromSeconds(20)));
        await stop.CancelAsync();
        await running;

        Assert.Equal([new Counted(300, "EUR"), new Counted(400, "EUR"), new Counted(50, "EUR")], replayed);
        Assert.Equal(replayed, heard.Bodies);
    }

    [Fact]
    public async Task nothing_stored_is_touched_and_the_journal_verifies_over_all_shapes()
    {
        var before = await _older.HeadAsync();
        await foreach (var stored in _newer.ReadAllAsync())
        {
            _ = stored.Body;
            Assert.Equal("""{"Euros":""", System.Text.Encoding.UTF8.GetString(stored.Data.Span)[..9]);
        }

        var after = await _newer.HeadAsync();
        Assert.Equal((before.Size, Convert.ToHexString(before.Root.Span)), (after.Size, Convert.ToHexString(after.Root.Span)));
        var session = _newer.OpenSession();
        (await session.FetchForWriting<Till>(_till)).Append(new Counted(50, "EUR"));
        await session.SaveChangesAsync();
        var verdict = await JournalVerification.RunAsync(_test.Owner);
        Assert.Equal((3, 0), (verdict.Size, verdict.DamageCount));

        // The shape's number is hashed with the rest: an old body can't be passed off as a new one.
        await _test.ExecuteAsync("update coffrefort.mt_events set type = 'till_counted_v2' where seq_id = 1");
        Assert.Equal("leaf", Assert.Single((await JournalVerification.RunAsync(_test.Owner)).Damages, damage => damage.Position == 1).Code);
    }

    private static void ToCents(JsonObject body)
    {
        body["Cents"] = (long)body["Euros"]! * 100;
        body["Currency"] = "EUR";
        body.Remove("Euros");
    }

    private sealed record CountedInEuros(long Euros) : IEvent;

    private sealed record Counted(long Cents, string Currency) : IEvent;

    private sealed record Till(long Cents) : IAggregate<Till>
    {
        public static string StreamType => "till";

        public static Till Empty { get; } = new(0);

        public static Till Evolve(Till state, IEvent @event) => @event is Counted counted ? new Till(state.Cents + counted.Cents) : state;
    }

    private sealed class Heard : ISubscription
    {
        public List<IEvent> Bodies { get; } = [];

        public string Name => "heard";

        public Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellation) => Task.CompletedTask;

        public Task ApplyAsync(IReadOnlyList<StoredEvent> events, NpgsqlConnection connection, CancellationToken cancellation)
        {
            Bodies.AddRange(events.Select(stored => stored.Body));
            return Task.CompletedTask;
        }
    }
}
