using System.Net;
using System.Text.Json.Nodes;
using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.IntegrationTests.Features;
using CoffreFort.IntegrationTests.Features.Documents;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>A running server ends months by itself, unless a clock is wrong; what keeps one from ending is told.</summary>
public sealed class KeyClockTests : IAsyncLifetime
{
    private static readonly string[] AtOnce = ["--Keys:LookAfter", "00:00:00", "--Keys:LookEvery", "00:00:01", "--Keys:DestroyAfter", "00:00:00"];

    private readonly int _epoch = EpochEnd.Current(DateTimeOffset.UtcNow);
    private CoffreFortServer _server = null!;
    private Depositor _holder = null!;
    private Guid _document;

    /// <summary>From now on to the fourth day of the next month.</summary>
    private TimeSpan ThreeDaysIn => EpochEnd.EndOf(_epoch).AddDays(3) - DateTimeOffset.UtcNow;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync(seeded: false);
        _holder = await Depositor.OfAsync(_server);
        _document = await _holder.DepositAsync([1, 2, 3]);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-380")]
    public async Task a_running_server_ends_a_month_that_is_over_and_goes_on_reading()
    {
        await _server.StopAsync();
        await using var later = await LaterAsync(AtOnce);
        await UntilAsync(async () => (await ActsAsync()).OfType<KeyEpochDestroyed>().Any());

        Assert.Equal([new KeyEpochRotated(_epoch, EpochEnd.Next(_epoch), 1, 0, 0, 1)], (await ActsAsync()).OfType<KeyEpochRotated>());
        Assert.Equal(_epoch, (await ActsAsync()).OfType<KeyEpochDestroyed>().Single().Epoch);
        Assert.False(File.Exists(Path.Combine(_server.Data, "keyring", $"root-{_epoch}.p12")));
        Assert.Empty(await ProblemsAsync(later));
        Assert.Equal([1, 2, 3], await ReadAsync(later));
    }

    [Fact]
    [Trait("Requirement", "R-380")]
    public async Task a_month_that_cannot_end_is_told_with_the_reason_and_no_more_once_it_ended()
    {
        const string flip = "update vault_keys set wrapped = set_byte(wrapped, 7, get_byte(wrapped, 7) # 1)";
        await _server.StopAsync();
        await _server.KeyDatabase.ExecuteAsync(flip);
        await using var later = await LaterAsync(AtOnce);
        await UntilAsync(async () => (await ProblemsAsync(later)).Any(problem => ((string)problem["reason"]!).Contains("don't open", StringComparison.Ordinal)));

        var problem = Assert.Single(await ProblemsAsync(later));
        Assert.Equal($"{_epoch}", (string)problem["subject"]!);
        Assert.Empty(await ActsAsync());
        using (var anonymous = later.Anonymous()) Assert.Equal(HttpStatusCode.OK, (await anonymous.GetAsync("/health/ready")).StatusCode);
        using (var browser = await PageBrowser.AsAsync(later, "operator"))
            Assert.Contains($"{_epoch}", (await browser.GetAsync("/status")).Text, StringComparison.Ordinal);

        await _server.KeyDatabase.ExecuteAsync(flip);
        await UntilAsync(async () => (await ProblemsAsync(later)).Count == 0);
        Assert.Equal([1, 2, 3], await ReadAsync(later));
    }

    [Fact]
    [Trait("Requirement", "R-380")]
    public async Task no_month_is_ended_while_the_nodes_clock_and_the_key_databases_differ()
    {
        await _server.StopAsync();
        var time = new Web.ShellClock();
        await using var later = await _server.AnotherNodeAsync(
            services => services.AddSingleton<TimeProvider>(time), "--Journal:ClockOffset", $"{ThreeDaysIn:c}", "--Keys:LookAfter", "1.00:00:00", "--Keys:DestroyAfter", "00:00:00");
        var clock = later.Services.GetRequiredService<KeyClock>();
        foreach (var minutes in new[] { 6, -6 })
        {
            time.Ahead = TimeSpan.FromMinutes(minutes);
            var halted = await Assert.ThrowsAsync<RotationHalted>(() => clock.RunAsync(Actor.CommandLine(), null, default));
            Assert.Contains("until they agree", halted.Message, StringComparison.Ordinal);
            Assert.Empty(await ActsAsync());
            Assert.True(File.Exists(Path.Combine(_server.Data, "keyring", $"root-{_epoch}.p12")));
            Assert.Equal([1, 2, 3], await ReadAsync(later));
        }

        time.Ahead = TimeSpan.FromMinutes(4);
        Assert.Equal([_epoch], await clock.RunAsync(Actor.CommandLine(), null, default));
    }

    /// <summary>As at the end of the last epoch that had no root key of its own: cookies and tokens were encrypted under the one that lasts.</summary>
    [Fact]
    public async Task people_sign_in_again_after_the_lasting_root_key_was_replaced()
    {
        await _server.StopAsync();
        using (var keyring = FileKeyring.OpenOrCreate(Path.Combine(_server.Data, "keyring"))) await keyring.DestroyAsync(keyring.KeyId, default);
        await using var next = await _server.AnotherNodeAsync();
        Assert.Equal([1, 2, 3], await ReadAsync(next));
    }

    private Task<CoffreFortServer> LaterAsync(string[] settings) => _server.AnotherNodeAsync(null, ["--Journal:ClockOffset", $"{ThreeDaysIn:c}", .. settings]);

    private async Task<byte[]> ReadAsync(CoffreFortServer node)
    {
        using var holder = await node.AsAsync("holder");
        return await holder.GetByteArrayAsync($"/api/v1/documents/{_document}/versions/1/content");
    }

    private async Task<IReadOnlyList<IEvent>> ActsAsync() => [.. (await _server.Journal.FetchStreamAsync(OperatorActs.Stream)).Select(act => act.Body)];

    private static async Task<List<JsonNode>> ProblemsAsync(CoffreFortServer node)
    {
        using var anonymous = node.Anonymous();
        using var answer = await anonymous.GetAsync("/health/ready");
        return [.. JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["problems"]!.AsArray().Select(problem => problem!).Where(problem => (string)problem["code"]! == KeyReadiness.Late)];
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(60); !await holds(); await Task.Delay(50))
            Assert.True(DateTime.UtcNow < deadline, "It did not come to hold within 60 seconds.");
    }
}
