using System.Net;
using System.Net.Http.Json;
using CoffreFort.EventStore;
using CoffreFort.Server.Features.Consents;

namespace CoffreFort.IntegrationTests.Nodes;

/// <summary>Any node takes any request, and nobody can tell that there are several.</summary>
[Collection("many readers")]
public sealed class SeveralNodesTests(ThreeNodes nodes) : IClassFixture<ThreeNodes>
{
    private static readonly byte[] Content = [0x25, 0x50, 0x44, 0x46, 0x2D, .. new byte[2000]];

    [Fact]
    [Trait("Requirement", "R-201")]
    [Trait("Requirement", "R-261")]
    public async Task what_three_nodes_write_at_once_stands_in_one_dense_order_whose_time_never_runs_back()
    {
        var answered = await Task.WhenAll(Enumerable.Range(0, 12).Select(writer => Task.Run(async () =>
        {
            var positions = new List<long>();
            for (var i = 0; i < 10; i++)
            {
                using var answer = await nodes.Holder[(writer + i) % 3].PostAsync(nodes.Documents($"Ordre {writer}-{i}"), new ByteArrayContent(Content));
                await ThreeNodes.BodyAsync(answer);
                positions.Add(long.Parse(ThreeNodes.Position(answer), System.Globalization.CultureInfo.InvariantCulture));
            }

            return positions;
        })));

        Assert.All(answered, positions => Assert.Equal(positions.Order(), positions));
        Assert.Equal(120, answered.SelectMany(positions => positions).Distinct().Count());
        Assert.Empty((await JournalVerification.RunAsync(nodes.Owner)).Damages);
        var (last, time) = (0L, DateTimeOffset.MinValue);
        await foreach (var stored in nodes.Journal.ReadAllAsync())
        {
            Assert.Equal(++last, stored.Position);
            Assert.True(stored.Timestamp >= time, $"Time runs back at event {last}.");
            time = stored.Timestamp;
        }
    }

    [Fact]
    [Trait("Requirement", "R-003")]
    public async Task a_revocation_at_one_node_bites_at_once_at_the_others()
    {
        const int Readers = 12;
        var document = await nodes.DepositAsync(nodes.Holder[0], Content);
        var random = new Random(20261122);
        for (var round = 0; round < 40; round++)
        {
            var consent = await ThreeNodes.GrantAsync(nodes.Holder[round % 3], document);
            var (revokeAfter, started, served) = (random.Next(Readers), 0, 0);
            var reached = new TaskCompletionSource();
            var readers = Enumerable.Range(0, Readers).Select(async reader =>
            {
                if (Interlocked.Increment(ref started) > revokeAfter) reached.TrySetResult();
                if (await ReadsAsync(nodes.Clerk[reader % 3], consent, document)) Interlocked.Increment(ref served);
            }).ToList();
            await reached.Task;
            using (var revoked = await nodes.Holder[(round + 1) % 3].PostAsync($"/api/v1/consents/{consent}/revoke", null)) revoked.EnsureSuccessStatusCode();
            foreach (var clerk in nodes.Clerk) Assert.False(await ReadsAsync(clerk, consent, document));
            await Task.WhenAll(readers);

            var events = await nodes.Journal.FetchStreamAsync(consent);
            var revocation = Assert.Single(events, stored => stored.Body is ConsentRevoked);
            var reads = events.Where(stored => stored.Body is EvidenceRead).ToList();
            Assert.DoesNotContain(reads, read => read.Position > revocation.Position);
            Assert.Equal(reads.Count, served);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task who_wrote_at_one_node_reads_it_at_the_next(bool asABrowser)
    {
        using var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false });
        if (asABrowser) (await browser.PostAsync(new Uri(nodes.First.Address, "/demo/sign-in/holder"), null)).Dispose();
        for (var round = 0; round < 20; round++)
        {
            var (here, there) = (nodes.All[round % 3], nodes.All[(round + 1) % 3]);
            var title = $"{(asABrowser ? "Cookie" : "Header")}-{round}";
            using var written = await (asABrowser ? browser : nodes.Holder[round % 3]).PostAsync(new Uri(here.Address, nodes.Documents(title)), new ByteArrayContent(Content));
            await ThreeNodes.BodyAsync(written);

            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(there.Address, $"/api/v1/vaults/{nodes.Vault}/documents?limit=200"));
            if (!asABrowser) request.Headers.Add("Journal-Position", ThreeNodes.Position(written));
            using var read = await (asABrowser ? browser : nodes.Holder[(round + 1) % 3]).SendAsync(request);
            Assert.Contains((await ThreeNodes.BodyAsync(read))["items"]!.AsArray(), item => (string)item!["title"]! == title);
        }
    }

    [Fact]
    public async Task nodes_that_started_together_share_one_key_of_cookies_and_one_story()
    {
        Assert.Single(Directory.GetFiles(Path.Combine(nodes.First.Data, "data-protection"), "key-*.xml"));
        foreach (var from in nodes.All)
        {
            using var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = false });
            (await browser.PostAsync(new Uri(from.Address, "/demo/sign-in/holder"), null)).Dispose();
            foreach (var at in nodes.All)
            {
                using var mine = await browser.GetAsync(new Uri(at.Address, "/api/v1/vaults/me"));
                Assert.Equal(nodes.Vault, (string)(await ThreeNodes.BodyAsync(mine))["id"]!);
            }
        }

        await using var count = nodes.Owner.CreateCommand("select count(*) from coffrefort.mt_events where type = 'agency_registered'");
        Assert.Equal(Server.Demo.Agencies.All.Count, (int)(long)(await count.ExecuteScalarAsync())!);
    }

    [Fact]
    [Trait("Requirement", "R-203")]
    public async Task a_key_that_was_used_at_one_node_gives_the_first_result_at_another_also_when_they_race()
    {
        for (var round = 0; round < 8; round++)
        {
            var key = Guid.NewGuid().ToString("N");
            var race = round % 2 == 1;
            (string, string)? first = race ? null : await RepeatedAsync(0);
            var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(RepeatedAsync));
            Assert.All(answers, answer => Assert.Equal(first ?? answers[0], answer));
            await using var count = nodes.Owner.CreateCommand($"select count(*) from coffrefort.mt_events where type = 'document_deposited' and stream_id = '{answers[0].Id}'");
            Assert.Equal(1L, await count.ExecuteScalarAsync());

            async Task<(string Id, string Position)> RepeatedAsync(int node)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, nodes.Documents("Répété")) { Content = new ByteArrayContent(Content) };
                request.Headers.Add("Idempotency-Key", key);
                using var answer = await nodes.Holder[node].SendAsync(request);
                return ((string)(await ThreeNodes.BodyAsync(answer))["id"]!, ThreeNodes.Position(answer));
            }
        }
    }

    [Fact]
    public async Task of_three_who_change_the_same_version_at_three_nodes_one_does()
    {
        var document = await nodes.DepositAsync(nodes.Holder[0], Content);
        for (var version = 1; version <= 10; version++)
        {
            var statuses = await Task.WhenAll(Enumerable.Range(0, 3).Select(async node =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/v1/documents/{document}") { Content = JsonContent.Create(new { title = $"{version}, nœud {node}" }) };
                request.Headers.TryAddWithoutValidation("If-Match", $"\"{version}\"");
                using var answer = await nodes.Holder[node].SendAsync(request);
                return answer.StatusCode;
            }));
            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.PreconditionFailed, HttpStatusCode.PreconditionFailed], statuses.Order());
        }
    }

    private static async Task<bool> ReadsAsync(HttpClient clerk, Guid consent, string document)
    {
        using var answer = await clerk.GetAsync($"/api/v1/consents/{consent}/evidence/{document}/content?reason=Tarif");
        var body = await answer.Content.ReadAsByteArrayAsync();
        if (answer.StatusCode == HttpStatusCode.OK && body.AsSpan().SequenceEqual(Content)) return true;
        Assert.True(answer.StatusCode == HttpStatusCode.NotFound, $"{(int)answer.StatusCode}: {System.Text.Encoding.UTF8.GetString(body)}");
        return false;
    }
}
