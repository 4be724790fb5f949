using CoffreFort.IntegrationTests.Journal;
using CoffreFort.Server.Edges.Webhooks;
using CoffreFort.Server.Outbox;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>A receiver that takes its time costs its own messages only: they are tried with growing pauses, and given up.</summary>
public sealed class SlowReceiverTests : IAsyncLifetime
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private TestJournal _test = null!;
    private MessageOutbox _outbox = null!;

    public async Task InitializeAsync()
    {
        _test = await TestJournal.CreateAsync();
        _outbox = new MessageOutbox(_test.Application);
    }

    public async Task DisposeAsync() => await _test.DisposeAsync();

    [Theory]
    [Trait("Requirement", "R-255")]
    [InlineData(Manner.NeverAnswers)]
    [InlineData(Manner.AnswersTooLate)]
    [InlineData(Manner.TricklesItsAnswer)]
    [InlineData(Manner.HangsUp)]
    public async Task it_is_tried_with_pauses_and_then_given_up(Manner manner)
    {
        await using var receiver = new SlowReceiver(manner);
        using var sender = Sender("slow", receiver.Address, TimeSpan.FromSeconds(0.5));
        await AddAsync("slow", 1);
        var options = new OutboxOptions { FirstPause = TimeSpan.FromMilliseconds(300), MostAttempts = 3, LookEvery = TimeSpan.FromMilliseconds(20), Timeout = TimeSpan.FromSeconds(0.5) };

        await WhileSendingAsync([sender], options, async () => (await _outbox.StateAsync(default)).Dead == 1);

        var dead = Assert.Single(await _outbox.DeadAsync(10, default));
        Assert.Equal((3, manner == Manner.HangsUp ? "ResponseEnded" : "no answer within 0.5 s"), (dead.Attempts, dead.Problem));
        var calls = receiver.Calls.ToArray();
        Assert.Equal(3, calls.Length);
        // Half of the first pause at least, then half of its double; a try that timed out takes longer still.
        Assert.True(calls[1] - calls[0] >= TimeSpan.FromMilliseconds(145) && calls[2] - calls[1] >= TimeSpan.FromMilliseconds(290), string.Join(", ", calls));
    }

    [Fact]
    [Trait("Requirement", "R-255")]
    public async Task one_that_takes_the_message_and_trickles_what_nobody_reads_has_taken_it()
    {
        await using var receiver = new SlowReceiver(Manner.TakesAndTricklesABody);
        using var sender = Sender("slow", receiver.Address, TimeSpan.FromSeconds(20));
        await AddAsync("slow", 2);
        await WhileSendingAsync([sender], new OutboxOptions { LookEvery = TimeSpan.FromMilliseconds(20) }, async () => await SentAsync("slow") == 2);
        Assert.Equal(2, receiver.Calls.Count);
    }

    [Fact]
    [Trait("Requirement", "R-255")]
    public async Task it_holds_up_nobody_elses_messages()
    {
        const int Slow = 40, Quick = 20;
        await using var slow = new SlowReceiver(Manner.NeverAnswers);
        await using var quick = await Receiver.StartAsync();
        using var toSlow = Sender("slow", slow.Address, TimeSpan.FromSeconds(5));
        using var toQuick = Sender("quick", quick.Address, TimeSpan.FromSeconds(60));
        await AddAsync("slow", Slow);
        await AddAsync("quick", Quick);

        await WhileSendingAsync([toSlow, toQuick], new OutboxOptions { LookEvery = TimeSpan.FromMilliseconds(20) }, async () => await SentAsync("quick") == Quick);

        Assert.Equal(Quick, quick.Calls.Count);
        // Two at a time and five seconds each: the slow one's forty were not gone through first, though they were due first.
        Assert.InRange(slow.Calls.Count, 1, Slow - 1);
    }

    [Fact]
    [Trait("Requirement", "R-256")]
    public async Task a_node_that_hangs_while_it_sends_loses_the_message_to_another_which_sends_it_under_its_id()
    {
        await using var receiver = await Receiver.StartAsync();
        using var never = new SemaphoreSlim(0);
        using var hung = new HungSender(never);
        using var sender = Sender("slow", receiver.Address, TimeSpan.FromSeconds(60));
        var message = (await AddAsync("slow", 1))[0];
        var options = new OutboxOptions { Timeout = TimeSpan.FromMilliseconds(250) };
        var hanging = _outbox.TryNextAsync(new Dictionary<string, IMessageSender> { ["slow"] = hung }, options, default);
        await hung.Began;

        var other = new MessageOutbox(_test.Source());
        await WhileSendingAsync([sender], options with { LookEvery = TimeSpan.FromMilliseconds(20) }, async () => await SentAsync("slow") == 1, other);
        never.Release();

        // It awakes, and finds that the message is no longer its own.
        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => hanging);
        Assert.Equal(message.ToString(), Assert.Single(receiver.Calls).Id);
        Assert.Equal(1, await _test.ScalarAsync<int>("select attempts from coffrefort.outbox"));
    }

    private static WebhookSender Sender(string destination, Uri address, TimeSpan patience) => new(destination, address, Secret, patience);

    private async Task<List<Guid>> AddAsync(string destination, int count)
    {
        var ids = Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7()).ToList();
        foreach (var id in ids) await _outbox.AddAsync(new OutboxMessage(id, destination, "test", "{}"), default);
        return ids;
    }

    private Task<long> SentAsync(string destination) => _test.ScalarAsync<long>($"select count(*) from coffrefort.outbox where state = 'sent' and destination = '{destination}'");

    private async Task WhileSendingAsync(IMessageSender[] senders, OutboxOptions options, Func<Task<bool>> until, MessageOutbox? outbox = null)
    {
        using var worker = new OutboxWorker(outbox ?? _outbox, senders, options, NullLogger<OutboxWorker>.Instance);
        await worker.StartAsync(default);
        for (var deadline = DateTime.UtcNow.AddSeconds(60); !await until(); await Task.Delay(20))
            Assert.True(DateTime.UtcNow < deadline, "It did not come to hold within 60 seconds.");
        await worker.StopAsync(default);
    }

    public enum Manner
    {
        NeverAnswers,
        AnswersTooLate,
        TricklesItsAnswer,
        HangsUp,
        TakesAndTricklesABody,
    }

    private sealed class HungSender(SemaphoreSlim never) : IMessageSender, IDisposable
    {
        private readonly SemaphoreSlim _began = new(0);

        public Task Began => _began.WaitAsync();

        public string Destination => "slow";

        public async Task<Delivery> SendAsync(OutboxMessage message, CancellationToken cancellation)
        {
            _began.Release();
            await never.WaitAsync(CancellationToken.None);
            return Delivery.Taken;
        }

        public void Dispose() => _began.Dispose();
    }
}
