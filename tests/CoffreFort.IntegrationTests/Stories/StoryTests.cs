using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Stories;

/// <summary><c>scripts/story</c>: the whole job over HTTP alone, against the server as a process of its own.</summary>
public sealed class StoryTests(ITestOutputHelper output)
{
    [Fact]
    public async Task the_whole_job_holds_on_a_fresh_demo_and_once_more_on_the_same()
    {
        await using var server = await ServerProcess.StartAsync("--demo:seed", "true");
        // It counts blobs where they are files.
        string[] data = Azurite.HoldsTheSuite ? [] : ["--data", server.Data];

        for (var run = 1; run <= 2; run++)
        {
            var told = await Repository.RunScriptAsync("story", ["--url", server.Address.ToString(), .. data]);
            output.WriteLine(told);
            Assert.EndsWith("The story holds: 15 steps.\n", told, StringComparison.Ordinal);
        }

        Assert.Empty(await Faults.StorageCheck.FaultsAsync(server));
    }

    [Fact]
    public async Task without_a_demo_it_fails_and_says_so()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Repository.RunScriptAsync("story", "--url", "http://127.0.0.1:1"));

        Assert.Contains("does not answer: is the demo running", failure.Message, StringComparison.Ordinal);
    }
}
