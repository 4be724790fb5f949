using System.Net;
using CoffreFort.IntegrationTests.Blobs;
using CoffreFort.Server.Edges.Blobs;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Features.Documents;

/// <summary>Disk full, store down, databases down: the answer says so, nothing half-written stays, and it works again afterwards.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private CoffreFortServer _server = null!;
    private FaultyBlobStore _blobs = null!;
    private Depositor _holder = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync(seeded: false, services =>
        {
            var real = services.Single(service => service.ServiceType == typeof(IBlobStore)).ImplementationFactory!;
            services.AddSingleton<IBlobStore>(provider => _blobs ??= new FaultyBlobStore((IBlobStore)real(provider)));
        });
        _holder = await Depositor.OfAsync(_server);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(150_000)]
    [Trait("Requirement", "R-222")]
    public async Task a_full_disk_is_said_to_be_full(long after)
    {
        _blobs.FailWriteAt = after;
        var answer = await DepositAsync();
        Assert.Equal((507, "storage-full"), ((int)answer.StatusCode, await Depositor.CodeOf(answer)));
        await AssertRecoversAsync(() => _blobs.FailWriteAt = null);
    }

    [Fact]
    public async Task a_blob_that_could_not_be_made_durable_becomes_no_document()
    {
        _blobs.FailCommit = true;
        await AssertUnavailableAsync(await DepositAsync());
        await AssertRecoversAsync(() => _blobs.FailCommit = false);
    }

    [Fact]
    public async Task a_store_that_is_down_takes_and_gives_nothing()
    {
        var id = await _holder.DepositAsync([1, 2, 3]);
        _blobs.Down = true;
        await AssertUnavailableAsync(await DepositAsync());
        await AssertUnavailableAsync(await _holder.Client.GetAsync($"/api/v1/documents/{id}/versions/1/content"));
        Assert.Single(await _holder.EventsAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "R-002")]
    [Trait("Requirement", "R-222")]
    public async Task without_the_journal_or_the_keys_nothing_is_taken_and_nothing_is_read(bool journal)
    {
        var id = await _holder.DepositAsync([1, 2, 3]);
        var database = journal ? _server.JournalDatabase : _server.KeyDatabase;
        await CloseAsync(database);
        await AssertUnavailableAsync(await DepositAsync());
        await AssertUnavailableAsync(await _holder.Client.GetAsync($"/api/v1/documents/{id}/versions/1/content"));
        await (await PostgresCluster.Shared).ExecuteAsync($"alter database \"{database.Name}\" connection limit -1");
        await _holder.AssertNothingLeftAsync(blobs: 1);
        Assert.Equal([1, 2, 3], await _holder.Client.GetByteArrayAsync($"/api/v1/documents/{id}/versions/1/content"));
    }

    [Fact]
    public async Task a_journal_lost_during_the_upload_leaves_a_blob_for_the_sweeper_and_no_document()
    {
        var sent = new TaskCompletionSource();
        _blobs.Before = async _ =>
        {
            if (sent.TrySetResult()) await CloseAsync(_server.JournalDatabase);
        };
        await AssertUnavailableAsync(await DepositAsync());
        Assert.True(sent.Task.IsCompleted);
        await (await PostgresCluster.Shared).ExecuteAsync($"alter database \"{_server.JournalDatabase.Name}\" connection limit -1");
        Assert.Empty(await _holder.EventsAsync());
        Assert.Single(await _holder.Blobs.NamesAsync());

        var sweeper = _server.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<BlobSweeper>().Single();
        Assert.Equal(1, (await sweeper.SweepAsync(TimeSpan.Zero)).Deleted);
        await AssertRecoversAsync(() => { });
    }

    [Fact]
    public async Task the_sweeper_keeps_what_an_event_refers_to()
    {
        await _holder.DepositAsync([1]);
        var sweeper = _server.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<BlobSweeper>().Single();
        var result = await sweeper.SweepAsync(TimeSpan.Zero);
        Assert.Equal((1, 0), (result.Examined, result.Deleted));
    }

    private Task<HttpResponseMessage> DepositAsync() => _holder.Client.PostAsync(_holder.Address, new ByteArrayContent(new byte[300_000]));

    private async Task AssertRecoversAsync(Action mend)
    {
        await _holder.AssertNothingLeftAsync();
        mend();
        await _holder.DepositAsync(new byte[300_000]);
        await _holder.AssertNothingLeftAsync(blobs: 1);
    }

    private static async Task AssertUnavailableAsync(HttpResponseMessage answer)
    {
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "unavailable"), (answer.StatusCode, await Depositor.CodeOf(answer)));
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    private static async Task CloseAsync(TestDatabase database)
    {
        var cluster = await PostgresCluster.Shared;
        await cluster.ExecuteAsync($"alter database \"{database.Name}\" connection limit 0");
        await cluster.ExecuteAsync($"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{database.Name}'");
    }
}
