using CoffreFort.IntegrationTests.Journal;
using CoffreFort.Server.Edges.Webhooks;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Outbox;

namespace CoffreFort.IntegrationTests.Operations;

public sealed class OutboxTests : IAsyncLifetime
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static readonly OutboxOptions patient = new() { FirstPause = TimeSpan.FromHours(1), MostAttempts = 3 };

    private TestJournal _test = null!;
    private Receiver _receiver = null!;
    private MessageOutbox _outbox = null!;
    private Dictionary<string, IMessageSender> _senders = null!;

    public async Task InitializeAsync()
    {
        _test = await TestJournal.CreateAsync();
        _receiver = await Receiver.StartAsync();
        _outbox = new MessageOutbox(_test.Application);
        _senders = new() { [Alert.Destination] = new WebhookSender(Alert.Destination, _receiver.Address, Secret, TimeSpan.FromSeconds(15)) };
    }

    public async Task DisposeAsync()
    {
        await _receiver.DisposeAsync();
        await _test.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "R-255")]
    public async Task a_message_is_sent_signed_once_and_carries_no_more_than_code_and_subject()
    {
        var message = await AddAsync("document_list");
        await _outbox.AddAsync(message, default);
        Assert.True(await TryAsync());
        Assert.False(await TryAsync());

        var call = Assert.Single(_receiver.Calls);
        Assert.Equal((message.Id.ToString(), message.Body), (call.Id, call.Body));
        var signed = DateTimeOffset.FromUnixTimeSeconds(long.Parse(call.Timestamp, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(new WebhookSignature(Secret).Of(call.Id, signed, call.Body), call.Signature);
        Assert.Equal(0, (await _outbox.StateAsync(default)).Waiting);
    }

    [Theory]
    [Trait("Requirement", "R-255")]
    [InlineData(500, null, 1800, 3600)]
    [InlineData(302, null, 1800, 3600)]
    [InlineData(429, "7200", 7200, 7200)]
    [InlineData(503, "999999", 21600, 21600)]
    public async Task a_receiver_that_fails_is_left_alone_for_a_while_and_as_long_as_it_asks_within_reason(int status, string? wish, int least, int most)
    {
        _receiver.Manners = (_, http) =>
        {
            http.Response.StatusCode = status;
            if (wish is not null) http.Response.Headers.RetryAfter = wish;
            return Task.CompletedTask;
        };
        await AddAsync("one");
        Assert.True(await TryAsync());
        Assert.False(await TryAsync());
        var due = await _test.ScalarAsync<double>("select extract(epoch from due - clock_timestamp())::float8 from coffrefort.outbox where state = 'waiting' and attempts = 1");
        Assert.InRange(due, least - 60, most);
    }

    [Fact]
    [Trait("Requirement", "R-255")]
    public async Task a_message_is_given_up_after_a_limit_and_an_operators_recorded_act_sends_it_again_under_its_id()
    {
        _receiver.Manners = (before, http) =>
        {
            http.Response.StatusCode = before < 3 ? 500 : 204;
            return Task.CompletedTask;
        };
        var message = await AddAsync("one");
        for (var i = 0; i < 3; i++)
        {
            Assert.True(await TryAsync());
            await _test.ExecuteAsync("update coffrefort.outbox set due = clock_timestamp()");
        }

        Assert.False(await TryAsync());
        var dead = Assert.Single(await _outbox.DeadAsync(10, default));
        Assert.Equal((message.Id, 3, "HTTP 500"), (dead.Id, dead.Attempts, dead.Problem));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => _outbox.ResendAsync(message.Id, _ => throw new KeyNotFoundException(), default));
        Assert.False(await TryAsync());
        Assert.True(await _outbox.ResendAsync(message.Id, _ => Task.CompletedTask, default));
        Assert.False(await _outbox.ResendAsync(message.Id, _ => throw new KeyNotFoundException(), default));
        Assert.True(await TryAsync());
        Assert.Equal(Enumerable.Repeat(message.Id.ToString(), 4), _receiver.Calls.Select(call => call.Id));
        Assert.Equal(0, (await _outbox.StateAsync(default)).Dead);
    }

    [Fact]
    [Trait("Requirement", "R-255")]
    public async Task a_receiver_that_is_gone_is_not_asked_again()
    {
        _receiver.Manners = (_, http) =>
        {
            http.Response.StatusCode = 410;
            return Task.CompletedTask;
        };
        await AddAsync("one");
        Assert.True(await TryAsync());
        Assert.Equal(1, (await _outbox.StateAsync(default)).Dead);
    }

    [Fact]
    [Trait("Requirement", "R-256")]
    public async Task a_node_that_dies_between_sending_and_writing_it_down_leaves_a_duplicate_with_the_same_id()
    {
        var message = await AddAsync("one");
        _receiver.Manners = async (before, _) =>
        {
            if (before == 0) await _test.ExecuteAsync("select pg_terminate_backend(pid, 20000) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'");
        };
        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(TryAsync);
        Assert.True(await TryAsync());
        Assert.False(await TryAsync());
        Assert.Equal([message.Id.ToString(), message.Id.ToString()], _receiver.Calls.Select(call => call.Id));
    }

    [Fact]
    [Trait("Requirement", "R-256")]
    public async Task several_nodes_share_the_work_and_never_send_one_message_at_the_same_time()
    {
        var ids = new HashSet<string>();
        for (var i = 0; i < 60; i++) ids.Add((await AddAsync($"view_{i}")).Id.ToString());
        _receiver.Manners = (_, _) => Task.Delay(5);
        var nodes = Enumerable.Range(0, 3).Select(_ => new MessageOutbox(_test.Source())).ToList();

        await Task.WhenAll(nodes.Concat(nodes).Select(async node =>
        {
            while (await node.TryNextAsync(_senders, patient, default)) await Task.Yield();
        }));

        Assert.False(_receiver.Overlapped);
        Assert.Equal(60, _receiver.Calls.Count);
        Assert.Equal(ids, _receiver.Calls.Select(call => call.Id).ToHashSet());
    }

    private Task<bool> TryAsync() => _outbox.TryNextAsync(_senders, patient, default);

    private async Task<OutboxMessage> AddAsync(string subject)
    {
        var message = Alert.Of("subscription-stopped", subject, DateTimeOffset.UnixEpoch);
        await _outbox.AddAsync(message, default);
        return message;
    }
}
