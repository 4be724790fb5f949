using CoffreFort.EventStore;
using CoffreFort.IntegrationTests.Journal;
using CoffreFort.Server;
using CoffreFort.Server.Acts;

namespace CoffreFort.IntegrationTests.Acts;

/// <summary>An act that is decided on what the node remembers ends as if it had been decided on what the journal holds.</summary>
public sealed class RelyingActTests : IAsyncLifetime
{
    private static readonly Refusal tooFew = new("too-few", "Trop peu.");

    private readonly Guid _id = Guid.NewGuid();
    private readonly List<long> _seen = [];
    private TestJournal _test = null!;

    public async Task InitializeAsync()
    {
        _test = await TestJournal.CreateAsync();
        await _test.Journal.StartAsync(_id, new Deposited(1));
        await _test.Journal.OpenSession(recall: Recall.Keep).FetchForWriting<Account>(_id);
    }

    public async Task DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task what_is_remembered_and_stands_is_decided_on_once()
    {
        Assert.NotNull((await RunAsync(least: 1)).Written);
        Assert.NotNull((await RunAsync(least: 2)).Written);
        Assert.Equal([1, 2], _seen);
    }

    [Fact]
    public async Task a_refusal_that_rests_on_an_old_memory_is_told_nobody()
    {
        await OthersAppendAsync();
        var outcome = await RunAsync(least: 2);
        Assert.Null(outcome.Refusal);
        Assert.Equal(3, Assert.Single(outcome.Written!.Events).Version);
        Assert.Equal([1, 2], _seen);
    }

    [Fact]
    public async Task a_refusal_that_holds_is_told_after_a_second_look()
    {
        Assert.Equal(tooFew, (await RunAsync(least: 5)).Refusal);
        Assert.Equal([1, 1], _seen);
        Assert.Equal(1, (await _test.Journal.HeadAsync()).Size);
    }

    [Fact]
    public async Task what_was_decided_on_an_old_memory_is_decided_again_before_it_is_written()
    {
        await OthersAppendAsync();
        Assert.Equal(3, Assert.Single((await RunAsync(least: 1)).Written!.Events).Version);
        Assert.Equal([1, 2], _seen);
    }

    [Theory, InlineData(1, false), InlineData(2, true)]
    public async Task who_insists_on_a_version_is_answered_by_the_one_that_stands(long insisted, bool stands)
    {
        await OthersAppendAsync();
        var outcome = await RunAsync(least: 1, Actor.Clockwork("test") with { IfMatch = insisted });
        Assert.Equal(stands ? null : "version-changed", outcome.Refusal?.Code);
        Assert.Equal(stands ? 3 : 2, (await _test.Journal.HeadAsync()).Size);
    }

    [Fact]
    public async Task a_fault_that_only_the_old_memory_has_is_told_nobody()
    {
        await OthersAppendAsync();
        var outcome = await new ActRunner(_test.Journal).RunAsync(Actor.Clockwork("test"), async session =>
        {
            var account = await session.FetchForWriting<Account>(_id);
            if (account.Version == 1) throw new InvalidOperationException("What it needs is gone by now.");
            return session.Take(account, Decision.Of(new Deposited(1)), Actor.Clockwork("test"));
        }, CancellationToken.None, Recall.Rely);
        Assert.Equal(3, Assert.Single(outcome.Written!.Events).Version);
    }

    private Task<AppendResult> OthersAppendAsync() => _test.AddNode().AppendAsync(_id, new Deposited(1));

    private Task<Outcome> RunAsync(int least, Actor? actor = null) => new ActRunner(_test.Journal).RunAsync(actor ?? Actor.Clockwork("test"), async session =>
    {
        var account = await session.FetchForWriting<Account>(_id);
        _seen.Add(account.Version);
        return session.Take(account, account.State.Events < least ? tooFew : Decision.Of(new Deposited(1)), actor ?? Actor.Clockwork("test"));
    }, CancellationToken.None, Recall.Rely);
}
