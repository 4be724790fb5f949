using System.Net;
using CoffreFort.Server.Features.Consents;

namespace CoffreFort.IntegrationTests.Features;

/// <summary>64 readers at one consent while it is revoked, or while its uses run out.</summary>
[Collection("many readers")]
public sealed class ConsentRaceTests : IAsyncLifetime
{
    private const int Readers = 64;
    private static readonly byte[] Content = [0x25, 0x50, 0x44, 0x46, 0x2D, .. new byte[2000]];
    private CoffreFortServer _server = null!;
    private SharingScene _scene = null!;
    private Guid _document;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync();
        _scene = await SharingScene.InAsync(_server);
        _document = await _scene.DepositAsync(Content);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-003")]
    public async Task no_read_stands_above_the_revocation_and_no_byte_leaves_without_its_read()
    {
        var random = new Random(20261121);
        var (served, refused) = (0, 0);
        for (var round = 0; round < 200; round++)
        {
            var consent = await _scene.GrantAsync(_document);
            var revokeAfter = random.Next(Readers);
            var bytesSent = 0;
            var reached = new TaskCompletionSource();
            var started = 0;
            var readers = Enumerable.Range(0, Readers).Select(async _ =>
            {
                if (Interlocked.Increment(ref started) > revokeAfter) reached.TrySetResult();
                using var answer = await _scene.ReadAsync(consent, _document);
                var body = await answer.Content.ReadAsByteArrayAsync();
                if (answer.StatusCode == HttpStatusCode.OK && body.AsSpan().SequenceEqual(Content)) Interlocked.Increment(ref bytesSent);
                else Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            }).ToList();
            await reached.Task;
            await Task.WhenAll([_scene.RevokeAsync(consent), .. readers]);

            var events = await _server.Journal.FetchStreamAsync(consent);
            var revoked = Assert.Single(events, stored => stored.Body is ConsentRevoked);
            var reads = events.Where(stored => stored.Body is EvidenceRead).ToList();
            Assert.DoesNotContain(reads, read => read.Position > revoked.Position);
            Assert.Equal(reads.Count, bytesSent);
            (served, refused) = (served + bytesSent, refused + Readers - bytesSent);
        }

        // The race was one: neither side always won.
        Assert.True(served > 0 && refused > 0, $"{served} served, {refused} refused");
    }

    [Fact]
    public async Task ten_uses_are_ten_uses_whoever_races_for_them()
    {
        for (var round = 0; round < 10; round++)
        {
            var consent = await _scene.GrantAsync(_document, uses: 10);
            var answers = await Task.WhenAll(Enumerable.Range(0, Readers).Select(async _ =>
            {
                using var answer = await _scene.ReadAsync(consent, _document);
                return answer.IsSuccessStatusCode ? "read" : (await SharingScene.CodeAsync(answer))!;
            }));
            Assert.Equal(10, answers.Count(answer => answer == "read"));
            Assert.Equal(Readers - 10, answers.Count(answer => answer == "consent-used-up"));
            Assert.Equal(10, (await _server.Journal.FetchStreamAsync(consent)).Count(stored => stored.Body is EvidenceRead));
        }
    }
}
