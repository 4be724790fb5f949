using System.Diagnostics;
using System.Net;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>A server that does not start says why in words, last of all and on the error stream, and ends with the status that docs/operations.md names.</summary>
public sealed class RefusedStartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(78, "ConnectionStrings__Journal")]
    [InlineData(78, "Checkpoints:Every is more than no time", "--Checkpoints:Every", "00:00:00")]
    [InlineData(78, "Alerts:LookEvery is more than no time", "--Alerts:LookEvery", "-00:00:01", "--ConnectionStrings:Journal", "Host=/nowhere", "--ConnectionStrings:Keys", "Host=/nowhere")]
    [InlineData(78, "Journal:ClockOffset is not of the kind 'd.hh:mm:ss': soon", "--Journal:ClockOffset", "soon")]
    [InlineData(78, "--urls has no address to listen on: gopher://127.0.0.1:0", "--urls", "gopher://127.0.0.1:0")]
    [InlineData(78, "ConnectionStrings__JournalOwner can't be read", "--ConnectionStrings:JournalOwner", "Nonsense", "--ConnectionStrings:Journal", "Host=/nowhere", "--ConnectionStrings:Keys", "Host=/nowhere")]
    [InlineData(78, "loopback only", "--demo", "true", "--urls", "http://0.0.0.0:0")]
    [InlineData(78, "ConnectionStrings__Journal can't be read", "--ConnectionStrings:Journal", "Nonsense")]
    [InlineData(78, "Blobs:Azure:Container is missing", "--Blobs:Azure:ClientId", "6f0f3c5e-7a53-4f0f-9a55-0d1f4f9e6c11", "--ConnectionStrings:Journal", "Host=/nowhere", "--ConnectionStrings:Keys", "Host=/nowhere")]
    [InlineData(78, "Issuers:Folder is no folder: /nowhere", "--Issuers:Folder", "/nowhere", "--ConnectionStrings:Journal", "Host=/nowhere", "--ConnectionStrings:Keys", "Host=/nowhere")]
    [InlineData(69, "127.0.0.1:9", "--ConnectionStrings:Journal", "Host=127.0.0.1;Port=9;Username=nobody;Database=none", "--ConnectionStrings:Keys", "Host=127.0.0.1;Port=9;Username=nobody;Database=none")]
    [Trait("Requirement", "R-259")]
    public async Task what_is_missing_wrong_or_out_of_reach_is_said_in_words_and_told_apart_by_the_status(int status, string words, params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("coffrefort-refused-").FullName;
        try
        {
            Assert.Contains(words, await RefusedAsync(status, ["--data", folder, .. settings]), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    [Trait("Requirement", "R-259")]
    [Trait("Requirement", "R-285")]
    public async Task a_journal_that_is_not_the_published_one_and_a_role_that_is_too_strong_are_refused_likewise()
    {
        await using var server = await CoffreFortServer.StartAsync(seeded: false);
        using (var holder = await server.AsAsync("holder")) Assert.Equal(HttpStatusCode.Created, (await holder.PostAsync("/api/v1/vaults", null)).StatusCode);
        await server.Services.GetRequiredService<Checkpointer>().CoverAsync(1, TimeSpan.FromSeconds(60));
        await server.StopAsync();
        var keys = server.KeyDatabase.ApplicationConnectionString;
        string[] where = [.. server.Blobs.Settings, "--urls", "http://127.0.0.1:0", "--data", server.Data, "--ConnectionStrings:Keys", keys, "--ConnectionStrings:Journal"];

        Assert.Contains("may update or delete events", await RefusedAsync(78, [.. where, server.JournalDatabase.OwnerConnectionString]), StringComparison.Ordinal);
        await server.Blobs.DeleteAsync(StoredBlobs.Checkpoint);
        var said = await RefusedAsync(65, [.. where, server.JournalDatabase.ApplicationConnectionString]);
        Assert.StartsWith("CoffreFort does not start: this journal is not the one that was last published.", said, StringComparison.Ordinal);
        Assert.Contains("accept-restored-journal", said, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "R-259")]
    public async Task a_server_that_a_fault_ends_after_its_start_does_not_end_as_one_that_was_told_to_stop()
    {
        await using var databases = await CoffreFortServer.StartAsync(seeded: false);
        await databases.StopAsync();
        string[] where =
        [
            "--urls", "http://127.0.0.1:0", "--data", databases.Data, "--ConnectionStrings:Keys", databases.KeyDatabase.ApplicationConnectionString,
            "--ConnectionStrings:Journal", databases.JournalDatabase.ApplicationConnectionString,
        ];
        Assert.Equal(RefusedStart.Fault, await RefusedStart.RunAsync(() => Program.Build(where, services => services.AddHostedService<Falling>())));
    }

    /// <summary>Fails once the server is ready.</summary>
    private sealed class Falling(IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task;
            throw new InvalidOperationException("Planted.");
        }
    }

    /// <returns>What it said on the error stream.</returns>
    private static async Task<string> RefusedAsync(int status, string[] arguments)
    {
        using var process = await Launcher.StartAsync(new ProcessStartInfo(
            "setpriv", ["--pdeathsig", "KILL", "dotnet", Repository.Built("CoffreFort.Server", "CoffreFort.Server.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath(),
        });
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            Assert.True(status == process.ExitCode, $"It ended with {process.ExitCode}:\n{await output}\n{await errors}");
            Assert.DoesNotContain("   at ", await output + await errors, StringComparison.Ordinal);
            Assert.StartsWith("CoffreFort does not start: ", await errors, StringComparison.Ordinal);
            return await errors;
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }
}
