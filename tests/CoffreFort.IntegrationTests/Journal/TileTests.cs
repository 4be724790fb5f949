using CoffreFort.EventStore;
using CoffreFort.Transparency;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>Tiles hold what the stored bytes make, through any interruption, and nothing that was rewritten passes into them.</summary>
public sealed class TileTests : IAsyncLifetime
{
    private const int AppendedAtOnce = 4000;
    private TestJournal test = null!;

    public async Task InitializeAsync() => test = await TestJournal.CreateAsync();

    public async Task DisposeAsync() => await test.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-210")]
    public async Task tiles_made_in_any_steps_prove_every_leaf_of_a_tree_of_two_levels_at_every_boundary()
    {
        await FillAsync(66_100);
        var frontier = await ExtendAsync(Frontier.Empty, 1, 255, 256, 700, 5_000, 65_000, 65_535, 65_536, 65_900, 66_100);
        Assert.Equal((await test.Journal.HeadAsync()).Root.ToArray(), frontier.Root());
        Assert.Equal(66_100 / 256, await test.ScalarAsync<long>("select count(*) from coffrefort.journal_tiles where level = 0"));
        Assert.Equal(1, await test.ScalarAsync<long>("select count(*) from coffrefort.journal_tiles where level > 0"));

        var tree = new JournalTree(test.Application);
        var leaves = await LeavesAsync(66_100);
        foreach (var size in (long[])[1, 2, 255, 256, 257, 512, 513, 65_535, 65_536, 65_537, 66_100])
        {
            var checkpoint = new Checkpoint("test", size, await tree.RootAsync(size));
            var tiles = new VerifiedTiles(checkpoint, tree.TileAsync);
            foreach (var index in new[] { 0, 1, 254, 255, 256, 511, 512, 40_000, 65_279, 65_280, 65_535, 65_536, size - 1 }.Where(index => index < size))
            {
                Assert.True(await tiles.ContainsAsync(index, leaves[index]), $"leaf {index} of {size}");
                var inclusion = await tiles.InclusionProofAsync(index);
                Assert.True(InclusionProof.Verify(index, size, leaves[index], inclusion, checkpoint.Root.Span));
                var (proof, older) = (await tree.ConsistencyProofAsync(index + 1, size), await tree.RootAsync(index + 1));
                Assert.True(ConsistencyProof.Verify(index + 1, size, older, checkpoint.Root.Span, proof));
            }
        }
    }

    [Fact]
    public async Task what_an_interruption_left_out_is_made_up_for_and_read_meanwhile()
    {
        await FillAsync(66_000);
        var whole = await ExtendAsync(Frontier.Empty, 66_000);
        var before = await TilesAsync();
        await test.ExecuteAsync("delete from coffrefort.journal_tiles where level = 1 or index > 100 and index % 3 = 0");
        Assert.Equal(whole.Root(), await new JournalTree(test.Application).RootAsync(66_000));

        await using var connection = await test.Application.OpenConnectionAsync();
        Assert.Equal(whole.ToBytes(), (await JournalTiles.ResumeAsync(connection, 66_000)).ToBytes());
        Assert.Equal(before, await TilesAsync());
    }

    [Fact]
    [Trait("Requirement", "R-293")]
    public async Task an_event_rewritten_after_it_was_signed_stops_the_tile_that_would_hold_it()
    {
        await FillAsync(600);
        var signed = await ExtendAsync(Frontier.Empty, 300);
        await RewriteAsync(290);
        await Assert.ThrowsAsync<JournalDamagedException>(() => ExtendAsync(signed, 600));
        Assert.Equal(1, await test.ScalarAsync<long>("select count(*) from coffrefort.journal_tiles"));
        await using var connection = await test.Application.OpenConnectionAsync();
        Assert.NotEqual(signed.ToBytes(), (await JournalTiles.ResumeAsync(connection, 300)).ToBytes());
    }

    [Theory]
    [InlineData("update coffrefort.journal_tiles set root = sha256('') where level = 0 and index = 7")]
    [InlineData("update coffrefort.journal_tiles set hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 4), root = set_byte(root, 9, get_byte(root, 9) # 1) where level = 0 and index = 7")]
    [InlineData("insert into coffrefort.journal_tiles values (0, 250, decode(repeat('00', 8192), 'hex'), sha256(''))")]
    public async Task a_tile_that_is_not_what_its_events_make_goes_no_further(string tampering)
    {
        await FillAsync(65_536);
        var frontier = await ExtendAsync(Frontier.Empty, 60_000);
        await test.ExecuteAsync(tampering);
        await Assert.ThrowsAsync<JournalDamagedException>(() => ExtendAsync(frontier, 65_536));
        Assert.Equal(0, await test.ScalarAsync<long>("select count(*) from coffrefort.journal_tiles where level > 0"));
    }

    private async Task FillAsync(int events)
    {
        for (var left = events; left > 0; left -= AppendedAtOnce)
            await test.Journal.StartAsync(Guid.CreateVersion7(), [.. Enumerable.Repeat(new Deposited(left), Math.Min(left, AppendedAtOnce))]);
    }

    private async Task<Frontier> ExtendAsync(Frontier frontier, params long[] sizes)
    {
        await using var connection = await test.Application.OpenConnectionAsync();
        foreach (var size in sizes) frontier = await JournalTiles.ExtendAsync(connection, frontier, size);
        return frontier;
    }

    private async Task<byte[][]> LeavesAsync(long size)
    {
        var leaves = new List<byte[]>();
        await using var connection = await test.Application.OpenConnectionAsync();
        await foreach (var leaf in RecomputedLeaves.ReadAsync(connection, 0, size)) leaves.Add(leaf.Hash);
        return [.. leaves];
    }

    private Task<string> TilesAsync() => test.ScalarAsync<string>(
        "select string_agg(concat(level, '/', index, ' ', md5(hashes), ' ', md5(root)), ',' order by level, index) from coffrefort.journal_tiles");

    /// <summary>As the owner of the tables could: the event, and its hash to match.</summary>
    private async Task RewriteAsync(long position)
    {
        await test.ExecuteAsync($"update coffrefort.mt_events set data = '{{\"Amount\":1}}' where seq_id = {position}");
        await foreach (var stored in test.Journal.ReadAllAsync(position - 1, position))
        {
            var leaf = new byte[MerkleHash.Length];
            EventCommitment.Compute(
                stored.Position, stored.Id, stored.StreamId, stored.Version, JournalTime.Microseconds(stored.Timestamp), System.Text.Encoding.UTF8.GetBytes(stored.Type), stored.Data.Span, stored.HeadersJson.Span, leaf);
            MerkleHash.Leaf(leaf, leaf);
            await test.ExecuteAsync($"update coffrefort.mt_events set leaf_hash = decode('{Convert.ToHexString(leaf)}', 'hex') where seq_id = {position}");
        }
    }
}
