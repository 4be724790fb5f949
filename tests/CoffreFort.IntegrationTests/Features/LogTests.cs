using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using CoffreFort.Server.Features.Audits;
using CoffreFort.Server.Views;
using CoffreFort.Transparency;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Features;

/// <summary>The public log as an outsider meets it: over HTTP, with the verifier key and nothing else.</summary>
public sealed class LogTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Only the routes under /log: checkpoint, tiles, entries. What they serve is proved leaf by leaf, at each size where a tile fills up.</summary>
    [Fact]
    [Trait("Requirement", "R-291")]
    public async Task an_outsider_verifies_every_leaf_and_the_whole_history_from_the_log_alone()
    {
        await using var server = await CoffreFortServer.StartAsync(seeded: false, WithoutViews, "--Checkpoints:Every", "00:00:00.05");
        using var client = server.Anonymous();
        Checkpoint? earlier = null;
        foreach (var size in (int[])[1, 255, 256, 257, 512, 65_535, 65_536, 65_537, 65_800])
        {
            await AppendUntilAsync(server.Journal, size);
            var checkpoint = await PublishedAsync(client, size);
            var tiles = new VerifiedTiles(checkpoint, (tile, cancellation) => client.GetByteArrayAsync($"/log/tile/{tile}", cancellation));
            var history = earlier is null ? null : await tiles.ConsistencyProofAsync(earlier.Size);
            Assert.True(history is null || ConsistencyProof.Verify(earlier!.Size, size, earlier.Root.Span, checkpoint.Root.Span, history));
            for (long first = size > 65_537 || size < 600 ? 0 : 65_024; first < size; first += TileCoordinates.FullWidth)
                await EveryEntryStandsInItsTileAsync(client, tiles, new TileCoordinates(0, first / 256, TileCoordinates.WidthIn(0, first / 256, size)));
            earlier = checkpoint;
        }

        await NothingElseIsServedAsync(client);
    }

    [Fact]
    [Trait("Requirement", "R-292")]
    public async Task a_holder_proves_an_event_offline_and_anybody_the_history()
    {
        await using var server = await CoffreFortServer.StartAsync(arguments: ["--Checkpoints:Every", "00:00:00.05"]);
        using var holder = await server.AsAsync("holder");
        var vault = await (await holder.PostAsync(new Uri("/api/v1/vaults", UriKind.Relative), null)).Content.ReadFromJsonAsync<JsonObject>();
        using var body = new ByteArrayContent("%PDF-1.4 specimen"u8.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/pdf") } };
        using var deposited = await holder.PostAsync(new Uri($"/api/v1/vaults/{vault!["id"]}/documents?evidenceType=bank-details&title=RIB", UriKind.Relative), body);
        var receipt = ((string)(await deposited.Content.ReadFromJsonAsync<JsonObject>())!["receipt"]!).Split('/')[^1];
        await PublishedAsync(holder, (await server.Journal.HeadAsync()).Size);

        var address = $"/api/v1/proofs/inclusion?event={receipt}";
        var proof = (await holder.GetFromJsonAsync<JsonObject>(address))!;
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/plain") } } };
        using var answer = await holder.SendAsync(request);
        var portable = TlogProof.Parse(await answer.Content.ReadAsByteArrayAsync())!;
        var commitment = Convert.FromBase64String((string)proof["commitment"]!);
        var key = await KeyAsync(holder);
        Assert.True(portable.TryVerify(commitment, key));
        Assert.Equal((portable.Index, portable.Note.ToString()), ((long)proof["leafIndex"]!, (string)proof["checkpoint"]!));
        Assert.Equal(portable.Hashes.Select(Convert.ToBase64String), proof["hashes"]!.AsArray().Select(hash => (string)hash!));
        commitment[0]++;
        Assert.False(portable.TryVerify(commitment, key));

        using var stranger = await server.AsAsync("holder2");
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(stranger, address));
        await HistoryIsProvedToAnybodyAsync(server);

        // A proof that does not hold would make the log look like a liar to whoever received it.
        Assert.Equal("evidence", (string)(await holder.GetFromJsonAsync<JsonObject>($"/api/v1/receipts/{receipt}"))!["grade"]!);
        await server.JournalDatabase.ExecuteAsync("update coffrefort.mt_events set leaf_hash = set_byte(leaf_hash, 31, get_byte(leaf_hash, 31) # 1) where seq_id = 1");
        Assert.Equal(HttpStatusCode.InternalServerError, await StatusAsync(holder, address));
        Assert.Equal(HttpStatusCode.InternalServerError, await StatusAsync(holder, $"/api/v1/receipts/{receipt}"));
    }

    private static async Task HistoryIsProvedToAnybodyAsync(CoffreFortServer server)
    {
        using var anybody = server.Anonymous();
        var size = (await PublishedAsync(anybody, 1)).Size;
        foreach (var to in (string[])["", $"&to={size}", "&to=1"])
        {
            var proof = (await anybody.GetFromJsonAsync<JsonObject>($"/api/v1/proofs/consistency?from=1{to}"))!;
            byte[][] hashes = [.. proof["hashes"]!.AsArray().Select(hash => Convert.FromBase64String((string)hash!))];
            Assert.True(ConsistencyProof.Verify(1, (long)proof["to"]!, Convert.FromBase64String((string)proof["fromRoot"]!), Convert.FromBase64String((string)proof["toRoot"]!), hashes));
        }

        foreach (var (query, status) in new[] { ("from=0", 400), ("from=2&to=1", 400), ("to=1", 400), ("from=x", 400), ($"from=1&to={long.MaxValue}", 404), ($"from={long.MaxValue}", 404) })
            Assert.Equal(status, (int)await StatusAsync(anybody, $"/api/v1/proofs/consistency?{query}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(anybody, $"/api/v1/proofs/inclusion?event={Guid.Empty}"));
    }

    private static async Task EveryEntryStandsInItsTileAsync(HttpClient client, VerifiedTiles tiles, TileCoordinates tile)
    {
        var hashes = await tiles.ReadAsync(tile);
        var entries = EntryBundle.Parse(await client.GetByteArrayAsync($"/log/tile/{tile.ToEntriesPath()}"), tile.Width)!;
        var leaf = new byte[MerkleHash.Length];
        for (var i = 0; i < tile.Width; i++)
        {
            MerkleHash.Leaf(entries[i].Span, leaf);
            Assert.True(hashes.Span.Slice(i * MerkleHash.Length, MerkleHash.Length).SequenceEqual(leaf), $"entry {i} of {tile}");
        }
    }

    /// <summary>The newest size is 65,800, and 65,799 was never published.</summary>
    private static async Task NothingElseIsServedAsync(HttpClient client)
    {
        foreach (var path in (string[])
            [
                "0/x000/000", "0/0", "00/000", "0/000.p/256", "0/000.p/0", "0/000.p/7", "0/257", "0/257.p/7", "0/257.p/9", "0/258.p/1", "0/257.p/08", "1/001", "1/001.p/2", "2/000", "2/000.p/2", "3/000.p/1",
                "64/000", "0/x001/000", "0/%30%30%30", "entries/257", "entries/257.p/9", "entries/258.p/1", "Entries/000", "0/000/", "", "x",
            ])
            Assert.True(HttpStatusCode.NotFound == await StatusAsync(client, $"/log/tile/{path}"), path);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client, "/LOG/TILE/0/000"));
        // Removed by HTTP before anybody looks (RFC 3986 §5.2.4), as by most clients: in front of the prefix the address is then the tile's own.
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/x/../log/tile/0/000"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client, "/log/tile/./0/000"));
        foreach (var path in (string[])["/log/x/tile/0/000", "/log/continued-20260101T000000Z/tile/0/000", "/log/continued-20260101T000000Z/checkpoint", "/log//tile/0/000"])
            Assert.True(HttpStatusCode.NotFound == await StatusAsync(client, path), path);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(client, "/log/tile/0/256.p/255"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, "/log/tile/0/256.p/1"));
        await HeadersAreAsTheSpecificationAsksAsync(client);
    }

    private static async Task HeadersAreAsTheSpecificationAsksAsync(HttpClient client)
    {
        foreach (var path in (string[])["tile/0/000", "tile/0/257.p/8", "tile/1/000", "tile/entries/000", "checkpoint", "vkey"])
        {
            using var answer = await client.GetAsync(new Uri($"/log/{path}", UriKind.Relative));
            using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/log/{path}"));
            using var again = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"/log/{path}") { Headers = { IfNoneMatch = { answer.Headers.ETag! } } });
            Assert.Equal(path.StartsWith("tile", StringComparison.Ordinal) ? "application/octet-stream" : "text/plain; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
            Assert.Equal(path.StartsWith("tile", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache", answer.Headers.CacheControl!.ToString());
            Assert.Equal((HttpStatusCode.OK, answer.Content.Headers.ContentLength, answer.Headers.ETag), (head.StatusCode, head.Content.Headers.ContentLength, head.Headers.ETag));
            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, "/log/tile/entries/000") { Headers = { AcceptEncoding = { new StringWithQualityHeaderValue("gzip") } } };
        using var compressed = await client.SendAsync(request);
        Assert.Equal("gzip", compressed.Content.Headers.ContentEncoding.Single());
        using var gzip = new System.IO.Compression.GZipStream(await compressed.Content.ReadAsStreamAsync(), System.IO.Compression.CompressionMode.Decompress);
        using var plain = new MemoryStream();
        await gzip.CopyToAsync(plain);
        Assert.Equal(await client.GetByteArrayAsync("/log/tile/entries/000"), plain.ToArray());
    }

    private static async Task AppendUntilAsync(EventStore.Journal journal, long size)
    {
        for (var left = size - (await journal.HeadAsync()).Size; left > 0; left -= 4000)
        {
            var session = journal.OpenSession();
            session.StartStream<Audit>(Guid.CreateVersion7(), [.. Enumerable.Repeat(new AuditQueried("readers", Guid.Empty, null), (int)Math.Min(left, 4000))]);
            await session.SaveChangesAsync();
        }
    }

    /// <summary>The newest checkpoint once it has this size, verified with the log's key.</summary>
    private static async Task<Checkpoint> PublishedAsync(HttpClient client, long size)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            using var answer = await client.GetAsync(new Uri("/log/checkpoint", UriKind.Relative), limit.Token);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                var (note, key) = (await answer.Content.ReadAsByteArrayAsync(limit.Token), await KeyAsync(client));
                Assert.True(Checkpoint.TryOpen(note, key, out _, out var checkpoint, out var fault), fault);
                if (checkpoint.Size >= size) return checkpoint;
            }

            await Task.Delay(20, limit.Token);
        }
    }

    private static async Task<NoteVerifierKey> KeyAsync(HttpClient client) =>
        NoteVerifierKey.Parse(Encoding.UTF8.GetString(await client.GetByteArrayAsync("/log/vkey")).Split('\n')[0]);

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(client.BaseAddress + path.TrimStart('/'), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        return answer.StatusCode;
    }

    /// <summary>Nobody looks at them here, and 65,800 events would keep them busy.</summary>
    private static void WithoutViews(IServiceCollection services) => services.Remove(services.Single(service => service.ImplementationType == typeof(ViewWorker)));
}
