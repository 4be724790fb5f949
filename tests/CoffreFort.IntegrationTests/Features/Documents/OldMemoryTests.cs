using System.Net;
using System.Net.Http.Headers;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using Npgsql;

namespace CoffreFort.IntegrationTests.Features.Documents;

/// <summary>A read is tried first on what the node remembers. What has changed since is answered as if it had never been remembered, and recorded once.</summary>
public sealed class OldMemoryTests : IAsyncLifetime
{
    private CoffreFortServer _server = null!;
    private SharingScene _scene = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync();
        _scene = await SharingScene.InAsync(_server);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task the_refusal_of_an_erased_document_says_nothing_of_what_was_remembered()
    {
        var document = await _scene.DepositAsync([1, 2, 3]);
        await ReadAsync(document);
        Assert.True(_server.Journal.Recalled<Document>(document)?.State.Versions.Count == 1);
        (await _scene.Holder.DeleteAsync($"/api/v1/documents/{document}?grace=0")).EnsureSuccessStatusCode();
        Assert.False(_server.Journal.Recalled<Document>(document)!.State.Erasure.IsClosed);

        using var beyond = new HttpRequestMessage(HttpMethod.Get, Content(document)) { Headers = { Range = new RangeHeaderValue(1000, null) } };
        var refused = await _scene.Holder.SendAsync(beyond);
        Assert.Equal(HttpStatusCode.Gone, refused.StatusCode);
        Assert.Null(refused.Content.Headers.ContentRange);
        Assert.Equal("erased", await SharingScene.CodeAsync(refused));
        Assert.Single(await _server.Journal.FetchStreamAsync(document), stored => stored.Body is DocumentRead);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task an_agency_that_has_just_read_is_refused_once_and_recorded_once(bool revoked)
    {
        var document = await _scene.DepositAsync([1, 2, 3]);
        var consent = await _scene.GrantAsync(document);
        for (var read = 0; read < 3; read++) Assert.Equal(HttpStatusCode.OK, (await _scene.ReadAsync(consent, document)).StatusCode);
        var ended = revoked
            ? await _scene.Holder.PostAsync($"/api/v1/consents/{consent}/revoke", null)
            : await _scene.Holder.DeleteAsync($"/api/v1/documents/{document}?grace=0");
        ended.EnsureSuccessStatusCode();

        Assert.Equal(HttpStatusCode.NotFound, (await _scene.ReadAsync(consent, document)).StatusCode);
        var events = await _server.Journal.FetchStreamAsync(consent);
        Assert.Equal(3, events.Count(stored => stored.Body is EvidenceRead));
        Assert.Single(events, stored => stored.Body is EvidenceReadRefused);
    }

    /// <summary>It was admitted, and its content is being opened.</summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task an_agency_whose_consent_ends_while_it_reads_is_refused_and_recorded_once(bool revoked)
    {
        var document = await _scene.DepositAsync([1, 2, 3]);
        var consent = await _scene.GrantAsync(document);
        Assert.Equal(HttpStatusCode.OK, (await _scene.ReadAsync(consent, document)).StatusCode);
        await using var keys = NpgsqlDataSource.Create(_server.KeyDatabase.OwnerConnectionString);
        await using var connection = await keys.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("lock table object_keys in access exclusive mode", connection)) await hold.ExecuteNonQueryAsync();

        var reading = _scene.ReadAsync(consent, document);
        await using var look = keys.CreateCommand("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%purpose = 2%'");
        while ((long)(await look.ExecuteScalarAsync())! == 0) Assert.False(reading.IsCompleted);
        // What is answered may need keys, and waits for them.
        var ending = revoked ? _scene.Holder.PostAsync($"/api/v1/consents/{consent}/revoke", null) : _scene.Holder.DeleteAsync($"/api/v1/documents/{document}");
        while (!await HasEndedAsync(revoked ? consent : document)) Assert.False(reading.IsCompleted);
        await transaction.CommitAsync();
        (await ending).EnsureSuccessStatusCode();

        Assert.Equal(HttpStatusCode.NotFound, (await reading).StatusCode);
        var events = await _server.Journal.FetchStreamAsync(consent);
        Assert.Single(events, stored => stored.Body is EvidenceRead);
        Assert.Equal(revoked ? "consent-revoked" : "erased", Assert.Single(events.Select(stored => stored.Body).OfType<EvidenceReadRefused>()).Code);
    }

    [Fact]
    public async Task damage_that_a_read_finds_is_recorded_once()
    {
        var document = await _scene.DepositAsync([1, 2, 3]);
        var consent = await _scene.GrantAsync(document);
        await ReadAsync(document);
        await _server.Blobs.FlipAsync(Assert.Single(await _server.Blobs.NamesAsync()), 100);
        for (var reads = 0; reads < 2; reads++)
        {
            Assert.Equal(HttpStatusCode.InternalServerError, (await _scene.Holder.GetAsync(Content(document))).StatusCode);
            Assert.Equal(HttpStatusCode.InternalServerError, (await _scene.ReadAsync(consent, document)).StatusCode);
        }

        var events = await _server.Journal.FetchStreamAsync(document);
        Assert.Single(events, stored => stored.Body is IntegrityFailed);
        Assert.Single(events, stored => stored.Body is DocumentRead);
        Assert.DoesNotContain(await _server.Journal.FetchStreamAsync(consent), stored => stored.Body is EvidenceRead);
    }

    private async Task<bool> HasEndedAsync(Guid stream) =>
        (await _server.Journal.FetchStreamAsync(stream)).Any(stored => stored.Body is ConsentRevoked or DocumentErasureRequested);

    private static string Content(Guid document) => $"/api/v1/documents/{document}/versions/1/content";

    private async Task ReadAsync(Guid document) => Assert.Equal([1, 2, 3], await _scene.Holder.GetByteArrayAsync(Content(document)));
}
