using System.Text.Json.Nodes;
using CoffreFort.IntegrationTests.Features;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Witness;
using CoffreFort.Server.Features.Operations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>A log whose checkpoints don't come is no longer what outsiders can hold anybody to: that is told when it begins and when it is over.</summary>
public sealed class LogDelayTests
{
    // No clock of its own: the test looks when it wants to. Nothing is sent: what is told stands in the outbox.
    private static readonly string[] settings =
    [
        "--Checkpoints:DelayedAfter", "00:00:00.5", "--Alerts:Url", "http://127.0.0.1:9/hook", "--Alerts:Secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "--Alerts:LookEvery", "1.00:00:00", "--Outbox:LookEvery", "1.00:00:00", "--Integrity:After", "1.00:00:00",
    ];

    [Fact]
    [Trait("Requirement", "R-257")]
    public async Task events_that_no_checkpoint_covers_for_too_long_are_told_once_and_once_more_when_one_does()
    {
        var witness = new MuteWitness { Speaks = true };
        await using var server = await CoffreFortServer.StartAsync(seeded: false, services => services.AddSingleton(new Witnesses([witness], required: true)), settings);
        using var anybody = server.Anonymous();
        await UntilAsync(async () => (long)(await ReadyAsync(anybody))["log"]!["unpublished"]! == 0);
        Assert.Null(Problem(await ReadyAsync(anybody)));
        witness.Speaks = false;
        using (var holder = await server.AsAsync("holder")) (await holder.PostAsync("/api/v1/vaults", null)).Dispose();

        await UntilAsync(async () => ((string?)Problem(await ReadyAsync(anybody))?["reason"])?.Contains("It says nothing.", StringComparison.Ordinal) == true);
        var problem = Problem(await ReadyAsync(anybody))!;
        Assert.False((bool)problem["blocks"]!);
        Assert.Contains("events are in no checkpoint yet", (string)problem["reason"]!, StringComparison.Ordinal);
        for (var round = 0; round < 3; round++) await LookAsync(server);
        Assert.Equal(["coffrefort.alert.log-delayed"], await ToldAsync(server));
        Assert.Matches("coffrefort_log_unpublished_seconds [0-9.]*[1-9]", await anybody.GetStringAsync(new Uri("/metrics", UriKind.Relative)));
        using (var browser = await PageBrowser.AsAsync(server, "operator"))
            Assert.Contains("Le journal public est en retard", (await browser.GetAsync("/status")).Text, StringComparison.Ordinal);

        witness.Speaks = true;
        await UntilAsync(async () => Problem(await ReadyAsync(anybody)) is null);
        await server.JournalDatabase.ExecuteAsync("update coffrefort.problems set seen = seen - interval '1 hour'");
        await LookAsync(server);
        Assert.Equal(["coffrefort.alert.log-delayed", "coffrefort.alert-over.log-delayed"], await ToldAsync(server));
    }

    [Theory]
    [InlineData("00:00:01", null, "00:05:00")]
    [InlineData("00:10:00", null, "00:30:00")]
    [InlineData("00:00:01", "00:01:00", "00:01:00")]
    public void the_patience_is_five_minutes_or_three_intervals_or_what_is_set(string every, string? after, string patience)
    {
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationBuilder();
        Microsoft.Extensions.Configuration.MemoryConfigurationBuilderExtensions.AddInMemoryCollection(configuration, [new("Checkpoints:Every", every), new("Checkpoints:DelayedAfter", after)]);
        Assert.Equal(TimeSpan.Parse(patience, System.Globalization.CultureInfo.InvariantCulture), LogSettings.From(configuration.Build()).DelayedAfter);
    }

    private static async Task<JsonNode> ReadyAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/health/ready");
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    private static JsonNode? Problem(JsonNode ready) => ready["problems"]!.AsArray().SingleOrDefault(problem => (string)problem!["code"]! == "log-delayed");

    private static Task LookAsync(CoffreFortServer server) => server.Services.GetServices<IHostedService>().OfType<AlertClock>().Single().LookAsync(default);

    private static async Task<List<string>> ToldAsync(CoffreFortServer server)
    {
        await using var database = Npgsql.NpgsqlDataSource.Create(server.JournalDatabase.OwnerConnectionString);
        await using var command = database.CreateCommand("select type from coffrefort.outbox where type like '%log-delayed' order by created, type");
        await using var reader = await command.ExecuteReaderAsync();
        var told = new List<string>();
        while (await reader.ReadAsync()) told.Add(reader.GetString(0));
        return told;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(60); !await holds(); await Task.Delay(20))
            Assert.True(DateTime.UtcNow < deadline, "It did not come to hold within 60 seconds.");
    }

    /// <summary>Does not answer until it does.</summary>
    private sealed class MuteWitness : IWitness
    {
        public bool Speaks { get; set; }

        public string Name => "mute.example";

        public Task<WitnessAnswer> CosignAsync(string checkpoint, long size, ConsistencyProofs proofs, CancellationToken cancellation) => Task.FromResult<WitnessAnswer>(
            Speaks ? new WitnessAnswer.Cosigned($"{new Transparency.NoteSignature(Name, 1, [1])}\n") : new WitnessAnswer.Silent("It says nothing."));
    }
}
