using System.Collections.Concurrent;
using CoffreFort.IntegrationTests.Journal;
using CoffreFort.Server.Hosting;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>Since when something is the matter is one instant for all nodes, also for those that notice it at the same moment.</summary>
public sealed class ProblemRecordTests : IAsyncLifetime
{
    private static readonly ReadinessProblem tired = new("disk-tired", "the-disk", "It is tired.");

    private TestJournal _test = null!;

    public async Task InitializeAsync() => _test = await TestJournal.CreateAsync();

    public async Task DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-257")]
    public async Task of_two_nodes_that_note_the_same_problem_at_the_same_moment_the_first_says_since_when()
    {
        var (one, other) = (new ProblemRecord(_test.Application), new ProblemRecord(_test.Source()));
        var told = new ConcurrentQueue<DateTimeOffset>();
        var written = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var first = one.NoteAsync([tired], async (problem, _) => { Tell(problem); written.SetResult(); await release.Task; }, default);
        await written.Task.WaitAsync(TimeSpan.FromSeconds(30));
        // Neither knows of the other: the second comes to the row while the first one's transaction is open.
        var second = other.NoteAsync([tired], (problem, _) => { Tell(problem); return Task.CompletedTask; }, default);
        await UntilAsync(async () => await _test.ScalarAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") > 0);
        release.SetResult();
        await Task.WhenAll(first, second);
        // And once more, by a node that looked before either had written.
        await one.NoteAsync([tired], (problem, _) => { Tell(problem); return Task.CompletedTask; }, default);

        Assert.Equal(3, told.Count);
        Assert.Single(told.Distinct());
        Assert.Equal(told.First(), Assert.Single(await other.ReadAsync(default)).Value);

        void Tell(ReadinessProblem problem) => told.Enqueue(problem.Since!.Value);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(30); !await holds(); await Task.Delay(5))
            Assert.True(DateTime.UtcNow < deadline, "It did not come to hold within 30 seconds.");
    }
}
