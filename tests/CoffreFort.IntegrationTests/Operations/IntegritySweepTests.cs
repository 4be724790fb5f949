using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Operations.Integrity;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>What rots where nobody reads is found while the server runs, and stands in the document's history and on the operator's page.</summary>
public sealed class IntegritySweepTests : IAsyncLifetime
{
    private CoffreFortServer server = null!;

    public async Task InitializeAsync() => server = await CoffreFortServer.StartAsync(arguments:
    [
        "--demo:story", "true", "--Integrity:EventsPerSecond", "1000000", "--Integrity:BytesPerSecond", "1000000000", "--Integrity:Every", "00:00:00",
    ]);

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-296")]
    public async Task a_rotten_blob_is_found_and_stands_in_the_history_once()
    {
        var sweep = server.Services.GetRequiredService<IntegritySweep>();
        var record = server.Services.GetRequiredService<SweepRecord>();
        Assert.True(await sweep.RunAsync(default));
        Assert.Equal((0, true), (await record.ReadAsync(default)) is var clean ? (clean.Damaged, clean.Ended is not null) : default);

        var name = (await server.Blobs.NamesAsync())[0];
        await server.Blobs.FlipAsync(name, 802);
        Assert.True(await sweep.RunAsync(default));
        Assert.True(await sweep.RunAsync(default));

        var found = Assert.Single((await record.ReadAsync(default)).Findings);
        Assert.Equal($"blob {name}", found.Thing);
        Assert.Equal(1, await RecordedAsync());
        using var @operator = await server.AsAsync("operator");
        Assert.Contains(name, await @operator.GetStringAsync(new Uri("/status", UriKind.Relative)), StringComparison.Ordinal);

        await server.Blobs.FlipAsync(name, 802);
        Assert.True(await sweep.RunAsync(default));
        Assert.Equal(0, (await record.ReadAsync(default)).Damaged);
    }

    private async Task<int> RecordedAsync()
    {
        var count = 0;
        await foreach (var stored in server.Journal.ReadAllAsync())
            if (stored.Body is IntegrityFailed { Finding: Findings.Damaged }) count++;
        return count;
    }
}
