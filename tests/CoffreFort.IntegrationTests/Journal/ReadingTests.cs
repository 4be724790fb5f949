namespace CoffreFort.IntegrationTests.Journal;

public sealed class ReadingTests : IAsyncLifetime
{
    private TestJournal test = null!;

    public async Task InitializeAsync() => test = await TestJournal.CreateAsync();

    public async Task DisposeAsync() => await test.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-205")]
    public async Task a_stream_is_folded_as_of_any_version_and_any_instant()
    {
        var id = Guid.NewGuid();
        var times = new List<DateTimeOffset>();
        for (var i = 1; i <= 5; i++) times.Add((await test.Journal.AppendAsync(id, new Deposited(i))).Timestamp);

        Assert.Equal(new Account(15, 5), await test.Journal.AggregateStreamAsync<Account>(id));
        Assert.Null(await test.Journal.AggregateStreamAsync<Account>(Guid.NewGuid()));
        Assert.Null(await test.Journal.AggregateStreamAsync<Account>(id, version: 0));
        Assert.Null(await test.Journal.AggregateStreamAsync<Account>(id, timestamp: times[0] - TimeSpan.FromMicroseconds(1)));
        for (var i = 1; i <= 5; i++)
        {
            Assert.Equal(i, (await test.Journal.AggregateStreamAsync<Account>(id, version: i))!.Events);
            var upTo = times.Count(time => time <= times[i - 1]);
            Assert.Equal(upTo, (await test.Journal.AggregateStreamAsync<Account>(id, timestamp: times[i - 1]))!.Events);
            Assert.Equal(upTo, await test.Journal.PositionAtAsync(times[i - 1]));
        }
    }

    [Fact]
    public async Task a_position_is_found_for_every_instant_from_before_the_first_to_after_the_last_event()
    {
        Assert.Equal(0, await test.Journal.PositionAtAsync(DateTimeOffset.MaxValue));
        for (var i = 0; i < 37; i++) await test.Journal.StartAsync(Guid.NewGuid(), [.. Enumerable.Repeat(new Deposited(i), 1 + (i % 3))]);
        var rows = await Audit.HoldsAsync(test.Owner);

        foreach (var instant in rows.SelectMany(row => new[] { -1, 0, 1 }.Select(off => row.Timestamp.AddMicroseconds(off))))
            Assert.Equal(rows.Count(row => row.Timestamp <= instant), await test.Journal.PositionAtAsync(instant));
        Assert.Equal(0, await test.Journal.PositionAtAsync(DateTimeOffset.MinValue));
        Assert.Equal(rows.Count, await test.Journal.PositionAtAsync(DateTimeOffset.MaxValue));
    }

    [Fact]
    public async Task an_empty_journal_has_a_head_wherever_on_earth_it_is_read()
    {
        var head = await test.Journal.HeadAsync();

        Assert.Equal((0L, DateTimeOffset.MinValue), (head.Size, head.LastTimestamp));
        Assert.Equal("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", Convert.ToHexString(head.Root.Span));
        Assert.Empty(await PositionsAsync(0, null));
    }

    [Fact]
    public async Task the_whole_journal_is_read_between_any_two_positions_while_it_grows()
    {
        await test.Journal.StartAsync(Guid.NewGuid(), [.. Enumerable.Repeat(new Deposited(1), 4500)]);
        var growing = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++) await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(i));
        });

        foreach (var (after, until) in new (long, long)[] { (0, 4500), (0, 1), (1999, 2001), (2000, 4000), (4499, 4500), (4500, 4500), (4500, 3), (100, 100) })
            Assert.Equal(Enumerable.Range(1, 4500).Select(i => (long)i).Where(i => i > after && i <= until), await PositionsAsync(after, until));
        while (!growing.IsCompleted)
        {
            var positions = await PositionsAsync(4400, null);
            Assert.Equal(Enumerable.Range(4401, positions.Count).Select(i => (long)i), positions);
        }

        await growing;
        Assert.Equal(4700, (await PositionsAsync(0, long.MaxValue)).Count);
        await Audit.HoldsAsync(test.Owner);
    }

    [Fact]
    public async Task a_slow_reader_holds_neither_a_connection_nor_a_snapshot()
    {
        await test.Journal.StartAsync(Guid.NewGuid(), [.. Enumerable.Repeat(new Deposited(1), 7000)]);
        await using var reading = test.Journal.ReadAllAsync().GetAsyncEnumerator();
        for (var i = 0; i < 2500; i++) Assert.True(await reading.MoveNextAsync());

        const string busy = "select count(*) from pg_stat_activity where usename = 'coffrefort_app' and datname = current_database() and state <> 'idle'";
        for (var deadline = DateTime.UtcNow.AddSeconds(5); await test.ScalarAsync<long>(busy) > 0;)
            Assert.True(DateTime.UtcNow < deadline, "A statement of the reader is still open.");
    }

    private async Task<List<long>> PositionsAsync(long after, long? until)
    {
        var positions = new List<long>();
        await foreach (var stored in test.Journal.ReadAllAsync(after, until)) positions.Add(stored.Position);
        return positions;
    }
}
