using CoffreFort.IntegrationTests.Features.Documents;
using CoffreFort.IntegrationTests.Operations;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Keys;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary><c>coffrefort keys</c> as an operator runs it: its words, its exit statuses, and what happens when it is run again.</summary>
public sealed class KeysCommandTests : IAsyncLifetime
{
    private CoffreFortServer server = null!;
    private Depositor holder = null!;

    public async Task InitializeAsync()
    {
        server = await CoffreFortServer.StartAsync(seeded: false);
        holder = await Depositor.OfAsync(server);
        await holder.DepositAsync([1, 2, 3]);
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-381")]
    public async Task an_operator_sees_how_epochs_stand_and_ends_what_is_over_once()
    {
        var epoch = EpochEnd.Current(DateTimeOffset.UtcNow);
        var status = await RunAsync("status");
        Assert.Equal((0, true), (status.ExitCode, status.Output.StartsWith($"epoch {epoch}: live, 1 vault keys, 0 to be replaced at its end ", StringComparison.Ordinal)));
        Assert.Contains($"below file:{epoch}:", status.Output, StringComparison.Ordinal);
        Assert.Equal((0, "no epoch is over\n"), Told(await RunAsync("rotate")));
        await server.StopAsync();

        // Three weeks into the next month nothing has ended.
        var later = EpochEnd.EndOf(epoch).AddDays(20) - DateTimeOffset.UtcNow;
        status = await RunAsync("status", later);
        Assert.Equal(1, status.ExitCode);
        Assert.Contains($"epoch {epoch}: over", status.Output, StringComparison.Ordinal);
        Assert.EndsWith($"late: {epoch}\n", status.Output, StringComparison.Ordinal);

        var (exit, output, _) = await RunAsync("rotate", later);
        Assert.Equal(0, exit);
        Assert.Equal($"ended: {epoch}; the root key of each goes 3.00:00:00 after it ended\n", output);
        Assert.Equal((0, "no epoch is over\n"), Told(await RunAsync("rotate", later)));
        status = await RunAsync("status", later);
        Assert.Contains($"epoch {epoch}: ended ", status.Output, StringComparison.Ordinal);
        Assert.Contains("its root key is not destroyed yet", status.Output, StringComparison.Ordinal);

        later += TimeSpan.FromDays(4);
        Assert.Equal((0, "no epoch is over\n"), Told(await RunAsync("rotate", later)));
        status = await RunAsync("status", later);
        Assert.Equal(0, status.ExitCode);
        Assert.Contains("its root key is gone for good since or after ", status.Output, StringComparison.Ordinal);
        Assert.Equal([typeof(KeyEpochRotated), typeof(KeyEpochDestroyed)], (await server.Journal.FetchStreamAsync(OperatorActs.Stream)).Select(act => act.Body.GetType()));
    }

    [Fact]
    [Trait("Requirement", "R-381")]
    public async Task what_keeps_an_epoch_from_ending_is_said_and_nothing_is_destroyed()
    {
        await server.StopAsync();
        var epoch = EpochEnd.Current(DateTimeOffset.UtcNow);
        await server.KeyDatabase.ExecuteAsync("update vault_keys set wrapped = set_byte(wrapped, 7, get_byte(wrapped, 7) # 1)");
        var (exit, output, complaints) = await RunAsync("rotate", TimeSpan.FromDays(40));
        Assert.Equal(1, exit);
        Assert.StartsWith($"not ended: 1 vault keys of epoch {epoch} don't open; the epoch stays until they do.", output, StringComparison.Ordinal);
        Assert.Equal("", complaints);
        Assert.Contains($"epoch {epoch}: over, 1 vault keys", (await RunAsync("status", TimeSpan.FromDays(40))).Output, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "R-381")]
    public async Task vaults_get_other_keys_with_a_reason_and_what_is_asked_wrongly_changes_nothing()
    {
        foreach (var (wrong, said) in new (string[], string)[]
        {
            (["rotate", "--vault", "all"], "Say why"), (["rotate", "--vault", "nobody", "--reason", "drill"], "not 'nobody'"), (["turn"], "There are two actions"),
        })
        {
            var (exit, output, complaints) = await RunAsync(wrong);
            Assert.Equal((2, ""), (exit, output));
            Assert.Contains(said, complaints, StringComparison.Ordinal);
        }

        Assert.Equal((0, "1 vaults have another key\n"), Told(await RunAsync("rotate", "--vault", "all", "--reason", "a drill")));
        var began = (await RunAsync("rotate", "--vault", $"{holder.Vault}", "--reason", "a drill")).Complaints.Split("--made-before ")[1].Trim();
        // Gone on with as if it had been interrupted: all is done.
        Assert.Equal((0, "0 vaults have another key\n"), Told(await RunAsync("rotate", "--vault", "all", "--reason", "a drill", "--made-before", began)));
        Assert.Equal((1, "0 vaults have another key\n"), Told(await RunAsync("rotate", "--vault", $"{Guid.NewGuid()}", "--reason", "a drill")));
        Assert.Equal([2, 3], (await server.Journal.FetchStreamAsync(OperatorActs.Stream)).Select(act => Assert.IsType<VaultKeyRotated>(act.Body).Generation));
        var document = (await holder.EventsAsync())[0].StreamId;
        Assert.Equal([1, 2, 3], await holder.Client.GetByteArrayAsync($"/api/v1/documents/{document}/versions/1/content"));
    }

    private static (int, string) Told((int ExitCode, string Output, string) ended) => (ended.ExitCode, ended.Output);

    private Task<(int ExitCode, string Output, string Complaints)> RunAsync(string action, TimeSpan ahead) => RunAsync([action, "--set", $"Journal:ClockOffset={ahead:c}"]);

    private Task<(int ExitCode, string Output, string Complaints)> RunAsync(params string[] arguments) => FsckCommand.OperatorAsync(
    [
        "keys", .. arguments, "--data", server.Data, "--set", $"ConnectionStrings:Journal={server.JournalDatabase.ApplicationConnectionString}",
        "--set", $"ConnectionStrings:Keys={server.KeyDatabase.ApplicationConnectionString}", .. server.Blobs.Pairs.SelectMany(pair => new[] { "--set", pair }),
    ]);
}
