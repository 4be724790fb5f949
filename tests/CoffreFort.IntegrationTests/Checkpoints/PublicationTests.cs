using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Edges.Witness;
using Npgsql;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>A checkpoint is signed over what is stored and nothing else; whoever dies while publishing one leaves a state to go on from.</summary>
public sealed class PublicationTests
{
    [Fact]
    public async Task what_is_published_is_the_root_over_the_stored_events_in_database_and_blob_store()
    {
        await using var log = await TestLog.CreateAsync(5);
        var publication = log.Publication();

        Assert.True(await log.PublishAsync(publication));
        Assert.False(await log.PublishAsync(publication));
        await log.AppendAsync(3);
        Assert.True(await log.PublishAsync(publication));

        var last = await log.LastAsync();
        var verdict = await JournalVerification.RunAsync(log.Test.Application);
        Assert.Equal((8, log.Settings.Origin), (last.Size, last.Origin));
        Assert.Equal(verdict.Root.ToArray(), last.Root.ToArray());
        Assert.Equal((await log.Checkpoints.LastAsync())!.Note, (await log.Blobs.ReadCheckpointAsync())!.Note);
        Assert.Empty((await log.CompareAsync()).Findings);
    }

    [Theory]
    [InlineData("seq_id = 70")]
    [InlineData("id = gen_random_uuid()")]
    [InlineData("stream_id = gen_random_uuid()")]
    [InlineData("version = 2")]
    [InlineData("type = 'test_deposited '")]
    [InlineData("timestamp = timestamp + interval '1 microsecond'")]
    [InlineData("data = replace(data::text, '\"Amount\":2', '\"Amount\":3')::json")]
    [InlineData("data = (data::text || ' ')::json")]
    [InlineData("headers = '{}'")]
    [InlineData("leaf_hash = set_byte(leaf_hash, 31, get_byte(leaf_hash, 31) # 1)")]
    [Trait("Requirement", "R-280")]
    public async Task nothing_is_signed_over_a_changed_event(string change)
    {
        await using var log = await TestLog.CreateAsync(5);
        await log.PublishAsync();
        await log.AppendAsync(2);
        await log.Test.ExecuteAsync($"update coffrefort.mt_events set {change} where seq_id = 7");

        var refusal = await Assert.ThrowsAsync<JournalDamagedException>(() => log.PublishAsync());

        Assert.Equal(7, refusal.Position);
        Assert.Equal(5, (await log.LastAsync()).Size);
        Assert.Equal(5, log.Opened((await log.Blobs.ReadCheckpointAsync())!.Note).Size);
    }

    [Theory]
    [InlineData("update coffrefort.journal_head set root = sha256('')")]
    [InlineData("update coffrefort.journal_head set frontier = frontier || sha256('')")]
    [InlineData("update coffrefort.journal_head set size = 4")]
    [InlineData("update coffrefort.journal_checkpoints set note = replace(note, 'log.example/test', 'log.example/text')")]
    public async Task nothing_is_signed_over_a_head_or_past_that_do_not_fit(string change)
    {
        await using var log = await TestLog.CreateAsync(5);
        await log.PublishAsync();
        await log.AppendAsync(2);
        await log.Test.ExecuteAsync(change);

        await Assert.ThrowsAsync<CheckpointRefusedException>(() => log.PublishAsync());

        Assert.Equal(1L, await log.Test.ScalarAsync<long>("select count(*) from coffrefort.journal_checkpoints"));
    }

    [Theory]
    [InlineData("witness")]
    [InlineData("blob store")]
    [InlineData("answer of the blob store")]
    [InlineData("database")]
    [Trait("Requirement", "R-281")]
    public async Task dying_before_any_step_of_publishing_leaves_a_state_to_go_on_from(string step)
    {
        await using var log = await TestLog.CreateAsync(3);
        await log.PublishAsync();
        await log.AppendAsync(2);
        if (step == "witness") log.Witnesses = new Witnesses([new DyingWitness()], required: true);
        log.Blobs.Down = step == "blob store";
        log.Blobs.LoseCheckpointAnswer = step == "answer of the blob store";
        if (step == "database") await log.Test.ExecuteAsync("revoke insert on coffrefort.journal_checkpoints from coffrefort_app");

        var failure = await Record.ExceptionAsync(() => log.PublishAsync());
        Assert.True(failure is IOException or BlobStoreException or PostgresException, failure?.ToString());
        Assert.Equal(3, (await log.LastAsync()).Size);

        log.Witnesses = new Witnesses([], required: false);
        log.Blobs.Down = log.Blobs.LoseCheckpointAnswer = false;
        if (step == "database") await log.Test.ExecuteAsync("grant insert on coffrefort.journal_checkpoints to coffrefort_app");
        Assert.Empty((await log.CompareAsync()).Findings);
        await log.AppendAsync(1);
        Assert.True(await log.PublishAsync());
        Assert.Equal(6, (await log.LastAsync()).Size);
    }

    [Fact]
    public async Task nodes_that_publish_at_once_never_publish_two_roots_of_one_size()
    {
        await using var log = await TestLog.CreateAsync(1);
        using var stop = new CancellationTokenSource();
        // No turns: as if each believed that the other were dead.
        var nodes = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var publication = log.Publication(); !stop.IsCancellationRequested;)
            {
                try
                {
                    await log.PublishAsync(publication);
                }
                catch (InvalidOperationException)
                {
                    // The other one was quicker.
                }
            }
        })).ToArray();
        await log.AppendAsync(60);
        await stop.CancelAsync();
        await Task.WhenAll(nodes);
        await log.PublishAsync();

        Assert.Equal(0L, await log.Test.ScalarAsync<long>("select count(*) from (select size from coffrefort.journal_checkpoints group by size having count(*) > 1) as twice"));
        Assert.Equal(61, (await log.LastAsync()).Size);
        Assert.Empty((await log.CompareAsync()).Findings);
    }

    private sealed class DyingWitness : IWitness
    {
        public string Name => "dying";

        public Task<WitnessAnswer> CosignAsync(string checkpoint, long size, ConsistencyProofs proofs, CancellationToken cancellation) =>
            throw new IOException("killed");
    }
}
