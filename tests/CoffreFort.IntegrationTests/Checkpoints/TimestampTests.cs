using CoffreFort.Cryptography;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Timestamps;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>A checkpoint is sealed by a timestamp that was checked, and by no other; openssl plays the authority, over real HTTP.</summary>
public sealed class TimestampTests
{
    [Fact]
    [Trait("Requirement", "R-283")]
    public async Task a_checkpoint_is_sealed_by_openssls_authority_and_stock_software_verifies_the_token()
    {
        await using var log = await TestLog.CreateAsync(3);
        await log.PublishAsync();
        await using var authority = await ServeAsync(async http => await AnswerAsync(http, OpenSslAuthority.Shared.Reply(await BodyAsync(http))));
        var sealer = SealerOver(log, authority);

        Assert.True(await sealer.SealAsync(CancellationToken.None));
        Assert.False(await sealer.SealAsync(CancellationToken.None));

        var kept = (await log.Checkpoints.LastStampedAsync())!;
        var note = System.Text.Encoding.UTF8.GetBytes(kept.Checkpoint.Note);
        Assert.True(OpenSslAuthority.Shared.Verifies(kept.Token.ToArray(), note));
        Assert.Equal(kept.Stamped, TimestampVerification.Verify(kept.Token, note, OpenSslAuthority.Shared.Trust).Time);
        var seals = await Seals.ReadAsync(log.Journal, log.Checkpoints, SettingsFor(authority), CancellationToken.None);
        Assert.Equal((3, TimeSpan.Zero, "timestamped"), (seals.SealedTo, seals.Unsealed, seals.GradeOf(covered: true, stamped: true).Reason));
    }

    [Fact]
    public async Task many_new_events_are_sealed_before_the_hour_is_over()
    {
        await using var log = await TestLog.CreateAsync(3);
        await log.PublishAsync();
        await using var authority = await ServeAsync(async http => await AnswerAsync(http, OpenSslAuthority.Shared.Reply(await BodyAsync(http))));
        var sealer = SealerOver(log, authority, events: 4);
        Assert.True(await sealer.SealAsync(CancellationToken.None));
        await log.AppendAsync(3);
        await log.PublishAsync();
        Assert.False(await sealer.SealAsync(CancellationToken.None));
        await log.AppendAsync(1);
        await log.PublishAsync();
        Assert.True(await sealer.SealAsync(CancellationToken.None));
        Assert.Equal(7, (await log.Checkpoints.LastStampedAsync())!.Checkpoint.Size);
    }

    [Theory]
    [InlineData("error")]
    [InlineData("slow")]
    [InlineData("long")]
    [InlineData("another type")]
    public async Task an_authority_that_does_not_answer_properly_seals_nothing(string fault)
    {
        await using var log = await TestLog.CreateAsync(1);
        await log.PublishAsync();
        using var never = new SemaphoreSlim(0);
        await using var authority = await ServeAsync(async http =>
        {
            if (fault == "error") http.Response.StatusCode = 500;
            else if (fault == "slow") await never.WaitAsync(http.RequestAborted);
            else await AnswerAsync(http, new byte[fault == "long" ? 200_000 : 10], fault == "another type" ? "text/html" : "application/timestamp-reply");
        });

        await Assert.ThrowsAsync<TimestampAuthorityException>(() => SealerOver(log, authority, timeout: fault == "slow" ? 0.3 : 30).SealAsync(CancellationToken.None));

        Assert.Null(await log.Checkpoints.LastStampedAsync());
        Assert.Equal("timestamp-pending", (await Seals.ReadAsync(log.Journal, log.Checkpoints, SettingsFor(authority), CancellationToken.None)).GradeOf(covered: true, stamped: false).Reason);
    }

    private static TimestampSettings SettingsFor(WebApplication authority, long events = 10_000, double timeout = 30) => new(
        new Uri(authority.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()), OpenSslAuthority.Shared.Trust,
        TimeSpan.FromSeconds(timeout), TimeSpan.FromHours(1), events);

    private static Sealer SealerOver(TestLog log, WebApplication authority, long events = 10_000, double timeout = 30)
    {
        var settings = SettingsFor(authority, events, timeout);
        var edge = new HttpTimestampAuthority(settings.Address, HttpTimestampAuthority.Client(settings.Timeout));
        return new Sealer(log.Test.Application, log.Checkpoints, edge, settings, TimeProvider.System, NullLogger<Sealer>.Instance);
    }

    private static async Task<byte[]> BodyAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    private static async Task AnswerAsync(HttpContext http, byte[] content, string type = "application/timestamp-reply")
    {
        http.Response.ContentType = type;
        await http.Response.Body.WriteAsync(content);
    }

    private static async Task<WebApplication> ServeAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var application = builder.Build();
        application.Run(answer);
        await application.StartAsync();
        return application;
    }
}
