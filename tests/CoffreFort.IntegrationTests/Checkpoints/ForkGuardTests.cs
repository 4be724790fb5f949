using System.Security.Cryptography;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Witness;
using CoffreFort.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>A node starts while others write: what they have cosigned meanwhile is no sign of an older backup.</summary>
public sealed class ForkGuardTests
{
    [Theory]
    [InlineData(2, 5, null)]
    [InlineData(2, 6, "has cosigned 6 events, but the journal holds only 5")]
    [InlineData(0, 4, "has cosigned 4 events, but the journal holds only 3")]
    public async Task a_witness_that_is_ahead_is_compared_with_what_was_written_while_it_answered(int written, int cosigned, string? finding)
    {
        await using var log = await TestLog.CreateAsync(3);
        await log.PublishAsync();
        await using var busy = await WitnessAsync(async () =>
        {
            await log.AppendAsync(written);
            return cosigned;
        });
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        var key = Cosignature.VerifierKey("busy.example", RandomNumberGenerator.GetBytes(32));
        log.Witnesses = new Witnesses([new HttpWitness(new Uri(busy.Urls.Single()), key, client, new Ed25519())], required: true);

        var report = await log.CompareAsync();

        if (finding is null) Assert.Empty(report.Findings);
        else Assert.Contains(finding, Assert.Single(report.Findings, one => one.Kind == ForkKind.Older).Words, StringComparison.Ordinal);
    }

    /// <summary>One that another node has had cosign more, while it is asked.</summary>
    private static async Task<WebApplication> WitnessAsync(Func<Task<int>> size)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var witness = builder.Build();
        witness.MapPost("/add-checkpoint", async (HttpResponse answer) =>
        {
            (answer.StatusCode, answer.ContentType) = (StatusCodes.Status409Conflict, "text/x.tlog.size");
            await answer.WriteAsync($"{await size()}\n");
        });
        await witness.StartAsync();
        return witness;
    }
}
