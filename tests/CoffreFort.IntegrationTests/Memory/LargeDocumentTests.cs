using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Memory;

/// <summary>However long a document is, the server never holds more than a window of it.</summary>
public sealed class LargeDocumentTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const long Limit = 400L << 20;

    private ServerProcess server = null!;
    private HttpClient holder = null!;
    private string vault = null!;

    public async Task InitializeAsync()
    {
        server = await ServerProcess.StartAsync();
        holder = await server.AsAsync("holder");
        using var opened = await holder.PostAsync("/api/v1/vaults", null);
        vault = (string)(await opened.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"idle: {server.ResidentMemory >> 20} MiB"));
    }

    public async Task DisposeAsync()
    {
        holder.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "R-232")]
    public async Task a_gibibyte_is_deposited_and_read_back_byte_for_byte_in_constant_memory()
    {
        const long length = 1L << 30;
        var id = await DepositAsync(length);
        var deposited = server.PeakResidentMemory;
        Assert.Equal(await HashAsync(new RepeatableBytes(length)), await ReadAsync(id));
        foreach (var (from, count) in new[] { (0L, 1), (16_383L, 2), (length / 2 - 5, 100_000), (length - 70_000, 70_000) })
            Assert.Equal(RepeatableBytes.Slice(from, count), await RangeAsync(id, from, count));

        Report(deposited);
        Assert.InRange(server.PeakResidentMemory, 1, Limit);
    }

    [Fact]
    public async Task four_at_once_are_no_more_than_four_windows()
    {
        const long length = 100L << 20;
        var ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => DepositAsync(length)));
        var deposited = server.PeakResidentMemory;
        var expected = await HashAsync(new RepeatableBytes(length));
        Assert.All(await Task.WhenAll(ids.Select(ReadAsync)), hash => Assert.Equal(expected, hash));

        Report(deposited);
        Assert.InRange(server.PeakResidentMemory, 1, Limit);
    }

    private async Task<string> DepositAsync(long length)
    {
        using var answer = await holder.PostAsync($"/api/v1/vaults/{vault}/documents?evidenceType=tax-notice&title=Grand", new StreamContent(new RepeatableBytes(length)));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
    }

    private async Task<string> ReadAsync(string id)
    {
        using var answer = await holder.GetAsync($"/api/v1/documents/{id}/versions/1/content", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await HashAsync(await answer.Content.ReadAsStreamAsync());
    }

    private async Task<byte[]> RangeAsync(string id, long from, int count)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/documents/{id}/versions/1/content");
        request.Headers.Range = new RangeHeaderValue(from, from + count - 1);
        using var answer = await holder.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private static async Task<string> HashAsync(Stream stream) => Convert.ToHexString(await SHA256.HashDataAsync(stream));

    private void Report(long deposited) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"most resident memory: {deposited >> 20} MiB after the deposits, {server.PeakResidentMemory >> 20} MiB after the reads"));
}
