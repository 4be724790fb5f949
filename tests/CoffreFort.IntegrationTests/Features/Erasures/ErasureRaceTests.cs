using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.EventStore;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Operations.Integrity;

namespace CoffreFort.IntegrationTests.Features.Erasures;

/// <summary>Readers, depositors, people who change their mind, and the erasure, all at once on two nodes: whoever wins, the journal holds what rule 7 says.</summary>
public sealed class ErasureRaceTests : IAsyncLifetime
{
    private CoffreFortServer _server = null!;
    private CoffreFortServer _other = null!;
    private SharingScene _scene = null!;
    private ErasureScene _erasures = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync();
        _scene = await SharingScene.InAsync(_server);
        _erasures = new ErasureScene(_server);
        _other = await _server.AnotherNodeAsync();
    }

    public async Task DisposeAsync()
    {
        await _other.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [Trait("Requirement", "R-019")]
    public async Task after_the_erasure_nothing_is_read_added_or_left(int seed)
    {
        var random = new Random(seed);
        var (document, kept) = (await _scene.DepositAsync(new byte[50_000]), await _scene.DepositAsync([7, 7], "payslip"));
        var consent = await _scene.GrantAsync(document);
        var holders = new[] { await _server.AsAsync("holder"), await _other.AsAsync("holder") };
        var clerks = new[] { await _server.AsAsync("clerk-town"), await _other.AsAsync("clerk-town") };
        Func<int, Task<HttpResponseMessage>>[] acts =
        [
            node => holders[node].GetAsync($"/api/v1/documents/{document}/versions/1/content"),
            node => _scene.ReadAsync(consent, document, clerk: clerks[node]),
            node => _scene.ReadAsync(consent, document, clerk: clerks[node]),
            node => holders[node].PostAsync($"/api/v1/documents/{document}/versions", new ByteArrayContent(new byte[30_000])),
            node => holders[node].PatchAsJsonAsync($"/api/v1/documents/{document}", new { title = "Autre" }),
            node => holders[node].GetAsync($"/api/v1/documents/{document}"),
            node => holders[node].DeleteAsync($"/api/v1/documents/{document}"),
            node => holders[node].PostAsync($"/api/v1/documents/{document}/cancel-erasure", null),
        ];
        var load = Enumerable.Range(0, 60).Select(_ => StatusAsync(acts[random.Next(acts.Length)](random.Next(2)))).ToList();
        var first = await Task.WhenAny(load);
        load.Add(StatusAsync(holders[random.Next(2)].DeleteAsync($"/api/v1/documents/{document}?grace=0")));
        load.AddRange(Enumerable.Range(0, 30).Select(_ => StatusAsync(acts[random.Next(acts.Length)](random.Next(2)))));
        var answers = await Task.WhenAll(load);
        Assert.NotNull(first);
        Assert.DoesNotContain(answers, answer => answer.Status >= 500);

        await _erasures.UntilDestroyedAsync(document);
        await AssertNothingAfterAsync(document, consent);
        Assert.Equal(0, await _erasures.CountAsync(document));
        Assert.Single(await _server.Blobs.NamesAsync());
        Assert.Equal([7, 7], await _scene.Holder.GetByteArrayAsync($"/api/v1/documents/{kept}/versions/1/content"));
        Assert.DoesNotContain(await _erasures.FindingsAsync(), finding => finding.Kind == Finding.Kinds.Damaged);
        Assert.Null((await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/documents/{document}"))!["title"]);
    }

    /// <summary>A reading that was recorded in time may lose its bytes on the way: then its connection is aborted, and there is no answer.</summary>
    private static async Task<(int Status, string Text)> StatusAsync(Task<HttpResponseMessage> sent)
    {
        try
        {
            using var answer = await sent;
            return ((int)answer.StatusCode, (int)answer.StatusCode >= 500 ? await answer.Content.ReadAsStringAsync() : "");
        }
        catch (HttpRequestException)
        {
            return (0, "");
        }
    }

    private async Task AssertNothingAfterAsync(Guid document, Guid consent)
    {
        var history = await _server.Journal.FetchStreamAsync(document);
        var erased = Assert.Single(history, stored => stored.Body is DocumentErased).Position;
        Assert.Equal(typeof(KeyDestroyed), Assert.Single(history, stored => stored.Position > erased).Body.GetType());
        var reads = (await _server.Journal.FetchStreamAsync(consent)).Where(stored => stored.Body is EvidenceRead).ToList();
        Assert.All(reads, read => Assert.True(read.Position < erased));
        // An agency reads only while nobody has asked for the erasure.
        Assert.All(reads, read => Assert.False(IsClosedAt(history, read.Position)));
    }

    private static bool IsClosedAt(IReadOnlyList<StoredEvent> history, long position) =>
        Fold.Of<Document>([.. history.TakeWhile(stored => stored.Position < position)]).State.Erasure.IsClosed;
}
