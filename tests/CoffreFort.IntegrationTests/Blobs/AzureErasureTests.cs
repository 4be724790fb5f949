using System.Net;
using System.Text;
using Azure.Core.Pipeline;
using CoffreFort.Server.Edges.Blobs;
using Microsoft.Extensions.Configuration;

namespace CoffreFort.IntegrationTests.Blobs;

/// <summary>What Azurite has not: accounts that keep versions, and that delete softly. A small stand-in answers as the service documents it.</summary>
public sealed class AzureErasureTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task earlier_versions_and_soft_deletions_are_erased_where_the_account_lets_them(bool versions, bool soft)
    {
        using var account = new Account { KeepsVersions = versions, DeletesSoftly = soft, LetsDeleteForGood = true };
        var store = account.Store();
        // A base blob that was deleted softly, without versions, is the one thing that Azure never deletes for good on demand.
        var stays = soft && !versions;

        Assert.Equal(stays, await store.OpenAsync() is not null);
        account.Put("0123456789abcdef0123456789abcdef");
        Assert.True(await store.DeleteAsync(BlobName.Parse("0123456789abcdef0123456789abcdef")));
        Assert.Equal(stays ? 2 : 0, account.Kept);
    }

    [Fact]
    public async Task what_the_account_keeps_of_erased_blobs_is_said_at_start_and_shown_as_long_as_it_runs()
    {
        using var account = new Account { KeepsVersions = true, DeletesSoftly = true };
        var store = account.Store();
        var kept = await store.OpenAsync();
        Assert.Contains("recoverable for 7 days", kept, StringComparison.Ordinal);
        Assert.Contains("turn blob soft delete off", kept, StringComparison.Ordinal);
        var health = await store.ProbeAsync();
        Assert.True(health.Writable, health.Problem);
        Assert.Equal(kept, health.KeepsErased);
    }

    [Fact]
    public async Task versions_that_this_identity_may_not_delete_are_said_too()
    {
        using var account = new Account { KeepsVersions = true, RefusesVersions = true };
        Assert.Contains("may not delete", await account.Store().OpenAsync(), StringComparison.Ordinal);
    }

    /// <summary>One container: what is kept of each name, as (version, deleted softly).</summary>
    private sealed class Account : HttpMessageHandler
    {
        private readonly Dictionary<string, List<Remnant>> blobs = [];
        private int versions;

        public bool KeepsVersions { get; init; }

        public bool DeletesSoftly { get; init; }

        public bool LetsDeleteForGood { get; init; }

        public bool RefusesVersions { get; init; }

        public int Kept => blobs.Values.Sum(remnants => remnants.Count);

        public AzureBlobStore Store()
        {
            var settings = new ConfigurationBuilder().AddInMemoryCollection(
            [
                new("Blobs:Azure:ConnectionString", "BlobEndpoint=http://127.0.0.1:1/account;AccountName=account;AccountKey=bm8ga2V5"), new("Blobs:Azure:Container", "documents"),
            ]).Build();
            return new AzureBlobStore(AzureBlobSettings.Read(settings)!.Connect(options => (options.Transport, options.Retry.MaxRetries) = (new HttpClientTransport(this), 0)));
        }

        public void Put(string name)
        {
            if (!blobs.TryGetValue(name, out var remnants)) blobs[name] = remnants = [];
            remnants.Add(new Remnant(KeepsVersions ? $"2026-01-01T00:00:00.{++versions:0000000}Z" : null) { Current = true });
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var query = System.Web.HttpUtility.ParseQueryString(request.RequestUri!.Query);
            var name = request.RequestUri.AbsolutePath.Split('/').ElementAtOrDefault(3) ?? "";
            return Task.FromResult(request.Method.Method switch
            {
                "GET" when query["restype"] == "container" && query["comp"] == "list" => List(query["prefix"]!),
                "GET" or "HEAD" => Answer(HttpStatusCode.OK),
                "PUT" when query["comp"] == "block" => Answer(HttpStatusCode.Created),
                "PUT" => Stored(name),
                _ => Delete(name, query["versionid"], query["deletetype"] == "permanent"),
            });
        }

        private HttpResponseMessage Stored(string name)
        {
            Put(name);
            return Answer(HttpStatusCode.Created);
        }

        private HttpResponseMessage Delete(string name, string? version, bool permanent)
        {
            var remnants = blobs.GetValueOrDefault(name, []);
            var found = remnants.Find(one => version is null ? one.Current : one.Version == version && one.Deleted == permanent);
            if (found is null) return Answer(HttpStatusCode.NotFound, "BlobNotFound");
            if (permanent && !LetsDeleteForGood) return Answer(HttpStatusCode.Conflict, "PermanentDeleteNotEnabled");
            if (version is not null && RefusesVersions) return Answer(HttpStatusCode.Forbidden, "AuthorizationPermissionMismatch");
            if (version is null && KeepsVersions) found.Current = false;
            else if (DeletesSoftly && !permanent) (found.Current, found.Deleted) = (false, true);
            else remnants.Remove(found);
            return Answer(HttpStatusCode.Accepted);
        }

        private HttpResponseMessage List(string prefix)
        {
            var items = blobs.Where(blob => blob.Key.StartsWith(prefix, StringComparison.Ordinal)).SelectMany(blob => blob.Value.Select(one => $"""
                <Blob><Name>{blob.Key}</Name>{(one.Deleted ? "<Deleted>true</Deleted>" : "")}{(one.Version is { } version ? $"<VersionId>{version}</VersionId>" : "")}
                <Properties><Last-Modified>Thu, 01 Jan 2026 00:00:00 GMT</Last-Modified><Etag>0x1</Etag><Content-Length>1</Content-Length><BlobType>BlockBlob</BlobType>
                {(one.Deleted ? "<RemainingRetentionDays>6</RemainingRetentionDays>" : "")}</Properties></Blob>
                """));
            return Answer(HttpStatusCode.OK, body: $"<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults><Blobs>{string.Concat(items)}</Blobs><NextMarker /></EnumerationResults>");
        }

        private static HttpResponseMessage Answer(HttpStatusCode status, string? error = null, string body = "")
        {
            if (error is not null) body = $"<Error><Code>{error}</Code><Message>no</Message></Error>";
            var answer = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/xml") };
            answer.Headers.TryAddWithoutValidation("ETag", "\"0x1\"");
            answer.Headers.TryAddWithoutValidation("x-ms-request-server-encrypted", "true");
            answer.Content.Headers.LastModified = DateTimeOffset.UnixEpoch;
            if (error is not null) answer.Headers.Add("x-ms-error-code", error);
            return answer;
        }

        private sealed class Remnant(string? version)
        {
            public string? Version { get; } = version;

            public bool Current { get; set; }

            public bool Deleted { get; set; }
        }
    }
}
