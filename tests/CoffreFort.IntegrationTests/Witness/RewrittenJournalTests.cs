using System.Text;
using CoffreFort.EventStore;
using CoffreFort.IntegrationTests.Journal;
using CoffreFort.Server.Edges.Witness;
using CoffreFort.Transparency;

namespace CoffreFort.IntegrationTests.Witness;

/// <summary>The operator with every right over the database and with the log's key, against a witness.</summary>
public sealed class RewrittenJournalTests : IAsyncLifetime
{
    private readonly HandMadeLog log = new("log.example/a");
    private TestJournal test = null!;
    private WitnessProcess witness = null!;

    public async Task InitializeAsync() => (test, witness) = (await TestJournal.CreateAsync(), await WitnessProcess.StartAsync(log.Key));

    public async Task DisposeAsync()
    {
        await witness.DisposeAsync();
        await test.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "R-272")]
    public async Task whoever_rewrites_one_event_and_rebuilds_tree_and_tiles_gets_no_cosignature()
    {
        await FillAsync(test.Journal, 600);
        Assert.Empty((await PublishAsync()).Missing);

        await RewriteAsync(17);
        // Nothing in the database tells.
        await Audit.HoldsAsync(test.Owner);
        Assert.IsType<WitnessAnswer.Forked>(Assert.Single((await PublishAsync()).Missing).Answer);
        await FillAsync(test.AddNode(), 20);
        Assert.IsType<WitnessAnswer.Forked>(Assert.Single((await PublishAsync()).Missing).Answer);
        Assert.Equal(["fork-600", "unproven-620"], witness.Evidence().Select(name => name[..name.LastIndexOf('-')]));
    }

    private static async Task FillAsync(EventStore.Journal journal, int events) =>
        await journal.StartAsync(Guid.CreateVersion7(), [.. Enumerable.Range(1, events).Select(amount => new Deposited(amount))]);

    /// <summary>Tiles, tree and proofs from the stored bytes, as an honest server makes them.</summary>
    private async Task<WitnessedCheckpoint> PublishAsync()
    {
        await using var connection = await test.Application.OpenConnectionAsync();
        var size = await test.ScalarAsync<long>("select size from coffrefort.journal_head");
        var tree = await JournalTiles.ExtendAsync(connection, Frontier.Empty, size);
        var witnesses = new Witnesses([new HttpWitness(witness.Address, witness.Key, new HttpClient(), new Ed25519())], required: true);
        return await witnesses.CosignAsync(log.Sign(size, tree.Root()).ToString(), size, new JournalTree(test.Application).ConsistencyProofAsync, CancellationToken.None);
    }

    /// <summary>The event, its hash, all tiles and the head: everything fits again.</summary>
    private async Task RewriteAsync(long position)
    {
        await test.ExecuteAsync($"update coffrefort.mt_events set data = '{{\"Amount\":1000000}}' where seq_id = {position}");
        await foreach (var stored in test.Journal.ReadAllAsync(position - 1, position))
        {
            var leaf = new byte[MerkleHash.Length];
            EventCommitment.Compute(
                stored.Position, stored.Id, stored.StreamId, stored.Version, JournalTime.Microseconds(stored.Timestamp), Encoding.UTF8.GetBytes(stored.Type), stored.Data.Span, stored.HeadersJson.Span, leaf);
            MerkleHash.Leaf(leaf, leaf);
            await test.ExecuteAsync($"update coffrefort.mt_events set leaf_hash = decode('{Convert.ToHexString(leaf)}', 'hex') where seq_id = {position}");
        }

        await test.ExecuteAsync("delete from coffrefort.journal_tiles");
        await using var connection = await test.Application.OpenConnectionAsync();
        var tree = await JournalTiles.ExtendAsync(connection, Frontier.Empty, await test.ScalarAsync<long>("select size from coffrefort.journal_head"));
        await test.ExecuteAsync($"update coffrefort.journal_head set root = decode('{Convert.ToHexString(tree.Root())}', 'hex'), frontier = decode('{Convert.ToHexString(tree.ToBytes())}', 'hex')");
    }
}
