using CoffreFort.EventStore;
using FsCheck;
using FsCheck.Fluent;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>Random commands against the journal and against the simplest thing that could be one: a list and a dictionary.</summary>
public sealed class JournalModelTests
{
    private enum Expectation
    {
        New,
        Exact,
        Stale,
        Any,
    }

    private sealed record Part(int Stream, Expectation Expectation, int Events);

    private sealed record Command(Part[] Parts, int? Guard, bool GuardStale, int? Key);

    private static readonly Gen<Part> part =
        from stream in Gen.Choose(0, 4)
        from expectation in Gen.Frequency(
            (3, Gen.Constant(Expectation.Exact)), (1, Gen.Constant(Expectation.New)), (1, Gen.Constant(Expectation.Stale)), (2, Gen.Constant(Expectation.Any)))
        from events in Gen.Choose(1, 3)
        select new Part(stream, expectation, events);

    private static readonly Gen<Command> command =
        from parts in part.ListOf()
        from guard in Gen.OrNull(Gen.Choose(0, 4).Select(i => (object)i))
        from stale in Gen.Choose(0, 3)
        from key in Gen.OrNull(Gen.Choose(0, 5).Select(i => (object)i))
        where parts.Count > 0
        select new Command([.. parts.DistinctBy(p => p.Stream)], (int?)guard, stale == 0, (int?)key);

    /// <summary>Whatever chance brings afterwards: each way to be refused, each way to repeat, and what is taken.</summary>
    private static readonly Command[] EveryAnswer =
    [
        new([new(0, Expectation.New, 2)], null, false, 0),
        new([new(0, Expectation.New, 1)], null, false, null),
        new([new(0, Expectation.Exact, 3), new(1, Expectation.Any, 1)], null, false, 1),
        new([new(0, Expectation.Stale, 1)], null, false, null),
        new([new(1, Expectation.Exact, 1), new(2, Expectation.Stale, 1)], null, false, null),
        new([new(2, Expectation.Any, 1)], 0, true, null),
        new([new(1, Expectation.New, 1), new(3, Expectation.New, 1)], null, false, 2),
        new([new(3, Expectation.New, 1)], 0, false, 2),
        new([new(4, Expectation.New, 1)], null, false, 0),
        new([new(2, Expectation.New, 1)], null, false, 1),
    ];

    [Fact]
    public async Task the_journal_answers_any_run_of_commands_as_a_list_would()
    {
        await using var test = await TestJournal.CreateAsync();
        var nodes = new[] { test.Journal, test.AddNode() };
        var model = new List<(Guid Stream, long Version, long Amount)>();
        var certain = new Run(nodes, model);
        foreach (var one in EveryAnswer) await certain.DoAsync(one);
        Assert.Equal((5, 2), (certain.Refusals, certain.Repeats));

        Prop.ForAll(command.ListOf().ToArbitrary(), commands =>
        {
            var run = new Run(nodes, model);
            foreach (var one in commands) run.DoAsync(one).GetAwaiter().GetResult();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithEndSize(25));

        var stored = await Audit.HoldsAsync(test.Owner);
        Assert.Equal(model.Select(e => (e.Stream, e.Version)), stored.Select(row => (row.StreamId, row.Version)));
        var bodies = new List<long>();
        await foreach (var read in test.Journal.ReadAllAsync()) bodies.Add(((Deposited)read.Body).Amount);
        Assert.Equal(model.Select(e => e.Amount), bodies);
    }

    /// <summary>One run over streams and keys of its own; the order it makes is part of the one model.</summary>
    private sealed class Run(EventStore.Journal[] nodes, List<(Guid Stream, long Version, long Amount)> model)
    {
        private readonly Guid[] streams = [.. Enumerable.Range(0, 5).Select(_ => Guid.NewGuid())];
        private readonly long[] versions = new long[5];
        private readonly Dictionary<int, (long First, long Last)> keys = [];
        private readonly string keyPrefix = Guid.NewGuid().ToString("N");
        private int node;

        public int Refusals { get; private set; }

        public int Repeats { get; private set; }

        public async Task DoAsync(Command one)
        {
            var journal = nodes[node++ % nodes.Length];
            var session = journal.OpenSession(idempotencyKey: one.Key is null ? null : keyPrefix + one.Key);
            // Stale versions are read now and overtaken by another session before the save.
            var overtaken = new HashSet<int>();
            if (one.Guard is { } guard)
            {
                await session.FetchGuarded<Account>(streams[guard]);
                if (one.GuardStale) overtaken.Add(guard);
            }

            var amount = model.Count * 10L;
            foreach (var (stream, expectation, events) in one.Parts)
            {
                IEvent[] bodies = [.. Enumerable.Range(0, events).Select(i => new Deposited(amount + i))];
                if (expectation == Expectation.Any) session.Append<Account>(streams[stream], bodies);
                else if (expectation == Expectation.New) session.StartStream<Account>(streams[stream], bodies);
                else (await session.FetchForWriting<Account>(streams[stream])).Append(bodies);
                if (expectation == Expectation.Stale) overtaken.Add(stream);
            }

            foreach (var stream in overtaken)
            {
                await journal.AppendAsync(streams[stream], new Deposited(-1));
                model.Add((streams[stream], ++versions[stream], -1));
            }

            await CompareAsync(one, session, overtaken, amount);
        }

        private async Task CompareAsync(Command one, JournalSession session, HashSet<int> overtaken, long amount)
        {
            if (one.Key is { } used && keys.TryGetValue(used, out var first))
            {
                var repeated = await session.SaveChangesAsync();
                Assert.Equal((first.First, first.Last, true), (repeated.FirstPosition, repeated.LastPosition, repeated.Repeated));
                Repeats++;
                return;
            }

            var refused = one.Guard is { } guard && overtaken.Contains(guard)
                || one.Parts.Any(p => p.Expectation is Expectation.Exact or Expectation.Stale && overtaken.Contains(p.Stream))
                || one.Parts.Any(p => p.Expectation == Expectation.New && versions[p.Stream] > 0);
            if (refused)
            {
                await Assert.ThrowsAsync<ConcurrencyException>(() => session.SaveChangesAsync());
                Refusals++;
                return;
            }

            var result = await session.SaveChangesAsync();
            var from = model.Count + 1;
            foreach (var (stream, _, events) in one.Parts)
                for (var i = 0; i < events; i++) model.Add((streams[stream], ++versions[stream], amount + i));
            Assert.Equal(((long)from, (long)model.Count, false), (result.FirstPosition, result.LastPosition, result.Repeated));
            if (one.Key is { } key) keys[key] = (from, model.Count);
        }
    }
}
