using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.Server.Features.Documents;

namespace CoffreFort.IntegrationTests.Features.Documents;

/// <summary>Reading back: ranges, and content that is no longer what was deposited.</summary>
public sealed class ReadingTests : IAsyncLifetime
{
    private readonly byte[] _bytes = new byte[200_000];
    private CoffreFortServer _server = null!;
    private Depositor _holder = null!;
    private string _content = "";
    private Guid _id;

    public async Task InitializeAsync()
    {
        new Random(7).NextBytes(_bytes);
        _server = await CoffreFortServer.StartAsync(seeded: false);
        _holder = await Depositor.OfAsync(_server);
        _id = await _holder.DepositAsync(_bytes);
        _content = $"/api/v1/documents/{_id}/versions/1/content";
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(199_999, 199_999)]
    [InlineData(65_530, 65_545)]
    [InlineData(131_072, null)]
    [InlineData(0, 10_000_000)]
    [InlineData(null, 1)]
    [InlineData(null, 10_000_000)]
    public async Task a_range_gives_exactly_its_bytes(int? from, int? to)
    {
        var answer = await GetAsync(new RangeHeaderValue(from, to));
        var expected = from is { } start ? _bytes[start..Math.Min((to ?? int.MaxValue - 1) + 1, _bytes.Length)] : _bytes[^Math.Min(to!.Value, _bytes.Length)..];
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        Assert.Equal(expected, await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal(_bytes.Length, answer.Content.Headers.ContentRange!.Length);
    }

    [Theory]
    [InlineData(200_000, null)]
    [InlineData(300_000, 300_001)]
    [InlineData(null, 0)]
    public async Task a_range_beyond_the_end_is_refused_and_nothing_is_read(int? from, int? to)
    {
        var answer = await GetAsync(new RangeHeaderValue(from, to));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, answer.StatusCode);
        Assert.Equal("bytes */200000", answer.Content.Headers.GetValues("Content-Range").Single());
        Assert.Equal(0, await ReadsAsync());
    }

    [Fact]
    public async Task several_ranges_or_a_range_of_another_version_give_the_whole()
    {
        var several = new RangeHeaderValue(0, 1) { Ranges = { new RangeItemHeaderValue(5, 6) } };
        Assert.Equal(_bytes, await (await GetAsync(several)).Content.ReadAsByteArrayAsync());
        var stale = await GetAsync(new RangeHeaderValue(0, 1), new RangeConditionHeaderValue("\"v1-other\""));
        Assert.Equal((HttpStatusCode.OK, (long?)_bytes.Length), (stale.StatusCode, stale.Content.Headers.ContentLength));
        var same = await GetAsync(new RangeHeaderValue(0, 1), new RangeConditionHeaderValue(stale.Headers.ETag!));
        Assert.Equal(HttpStatusCode.PartialContent, same.StatusCode);
    }

    [Fact]
    public async Task asking_for_the_headers_alone_is_no_reading()
    {
        using var head = new HttpRequestMessage(HttpMethod.Head, _content);
        var answer = await _holder.Client.SendAsync(head);
        Assert.Equal(_bytes.Length, answer.Content.Headers.ContentLength);
        Assert.Equal(0, await ReadsAsync());
    }

    [Fact]
    public async Task a_preview_is_one_recorded_reading_that_no_browser_may_run()
    {
        var answer = await _holder.Client.GetAsync(_content + "?use=preview");
        Assert.Equal(_bytes, await answer.Content.ReadAsByteArrayAsync());
        Assert.StartsWith("sandbox;", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal([Uses.Preview], (await _holder.EventsAsync()).Select(stored => stored.Body).OfType<DocumentRead>().Select(read => read.Use));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(70_000)]
    [InlineData(-1)]
    public async Task one_flipped_bit_and_not_a_byte_leaves(int at)
    {
        var name = Assert.Single(await _holder.Blobs.NamesAsync());
        var length = (await _holder.Blobs.ReadAsync(name))!.Length;
        await _holder.Blobs.FlipAsync(name, 8L * (at < 0 ? length + at : at));
        await AssertWithheldAsync(Findings.Damaged);
    }

    [Fact]
    public async Task a_blob_that_was_cut_short_is_withheld()
    {
        var name = Assert.Single(await _holder.Blobs.NamesAsync());
        await _holder.Blobs.WriteAsync(name, (await _holder.Blobs.ReadAsync(name))![..^1]);
        await AssertWithheldAsync(Findings.Damaged);
    }

    [Fact]
    public async Task a_blob_that_is_gone_is_an_incident_and_not_an_empty_document()
    {
        await _holder.Blobs.DeleteAsync(Assert.Single(await _holder.Blobs.NamesAsync()));
        await AssertWithheldAsync(Findings.Missing);
    }

    [Fact]
    public async Task a_long_document_that_turns_out_damaged_on_the_way_breaks_off_and_is_an_incident()
    {
        const int length = 65 << 20;
        var before = await _holder.Blobs.NamesAsync();
        var answer = await _holder.Client.PostAsync(_holder.Address, new StreamContent(new Memory.RepeatableBytes(length)));
        var id = (Guid)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
        await _holder.Blobs.FlipAsync(Assert.Single((await _holder.Blobs.NamesAsync()).Except(before)), 8L * (40 << 20));

        using var opened = await _holder.Client.GetAsync($"/api/v1/documents/{id}/versions/1/content", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((HttpStatusCode.OK, (long?)length), (opened.StatusCode, opened.Content.Headers.ContentLength));
        var received = new MemoryStream();
        await Assert.ThrowsAnyAsync<Exception>(async () => await (await opened.Content.ReadAsStreamAsync()).CopyToAsync(received));

        // What arrived is what was deposited, and ends before the damage.
        Assert.True(received.Length < 40 << 20);
        Assert.Equal(Memory.RepeatableBytes.Slice(0, (int)received.Length), received.ToArray());
        for (var deadline = DateTime.UtcNow.AddSeconds(60); !(await IncidentsAsync()).Any() && DateTime.UtcNow < deadline;) await Task.Delay(20);
        Assert.Equal(Findings.Damaged, Assert.Single(await IncidentsAsync()).Finding);
        Assert.Equal(1, await ReadsAsync());

        async Task<IReadOnlyList<IntegrityFailed>> IncidentsAsync() => [.. (await _holder.EventsAsync()).Select(stored => stored.Body).OfType<IntegrityFailed>()];
    }

    [Fact]
    public async Task readers_for_whom_there_is_no_room_left_to_keep_a_document_get_it_all_the_same()
    {
        var bytes = Memory.RepeatableBytes.Slice(0, 15 << 20);
        var content = $"/api/v1/documents/{await _holder.DepositAsync(bytes)}/versions/1/content";
        // Each has begun before any is read to its end: what they have not taken yet is kept, as far as there is room, which is for four.
        var readers = new List<HttpResponseMessage>();
        for (var reader = 0; reader < 6; reader++) readers.Add(await _holder.Client.GetAsync(content, HttpCompletionOption.ResponseHeadersRead));
        using var part = new HttpRequestMessage(HttpMethod.Get, content) { Headers = { Range = new RangeHeaderValue(1_000_000, 2_999_999) } };
        Assert.Equal(bytes[1_000_000..3_000_000], await (await _holder.Client.SendAsync(part)).Content.ReadAsByteArrayAsync());

        foreach (var reader in readers) Assert.Equal(bytes, await reader.Content.ReadAsByteArrayAsync());
        Assert.Equal(bytes, await _holder.Client.GetByteArrayAsync(content));
    }

    private async Task AssertWithheldAsync(string finding)
    {
        var answer = await GetAsync(null);
        Assert.Equal((HttpStatusCode.InternalServerError, "integrity-failed"), (answer.StatusCode, await Depositor.CodeOf(answer)));
        Assert.Equal(finding, Assert.Single((await _holder.EventsAsync()).Select(stored => stored.Body).OfType<IntegrityFailed>()).Finding);
        // Whoever tries again is told the same, and does not make the journal grow.
        for (var tries = 0; tries < 5; tries++) Assert.Equal(HttpStatusCode.InternalServerError, (await GetAsync(null)).StatusCode);
        Assert.Single((await _holder.EventsAsync()).Select(stored => stored.Body).OfType<IntegrityFailed>());
        Assert.Equal(0, await ReadsAsync());
    }

    private async Task<int> ReadsAsync() => (await _holder.EventsAsync()).Count(stored => stored.Body is DocumentRead);

    private async Task<HttpResponseMessage> GetAsync(RangeHeaderValue? range, RangeConditionHeaderValue? condition = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _content) { Headers = { Range = range, IfRange = condition } };
        return await _holder.Client.SendAsync(request);
    }
}
