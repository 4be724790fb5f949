using System.Collections.Concurrent;
using CoffreFort.IntegrationTests.Blobs;
using CoffreFort.Server.Edges.Witness;
using CoffreFort.Transparency;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>A node loses its turn with its connection in the midst of publishing, another takes it, and the first goes on: both believe to have it.</summary>
public sealed class LostTurnTests
{
    private const string EndTurn = $"select count(pg_terminate_backend(pid, 20000)) {PublishingNode.HasTurn}";

    [Theory]
    [InlineData("cosigned", 0)]
    [InlineData("cosigned", 2)]
    [InlineData("before the copy", 0)]
    [InlineData("before the copy", 2)]
    [InlineData("after the copy", 0)]
    [InlineData("after the copy", 2)]
    [Trait("Requirement", "R-281")]
    public async Task whoever_goes_on_without_its_turn_publishes_nothing_and_nobody_signs_two_roots_of_one_size(string lostWhen, int writtenSince)
    {
        await using var log = await TestLog.CreateAsync(3);
        await log.PublishAsync();
        await log.AppendAsync(2);
        var (held, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        Task HoldAsync()
        {
            held.TrySetResult();
            return goOn.Task.WaitAsync(TimeSpan.FromMinutes(2));
        }

        var signed = new ConcurrentQueue<string>();
        var witness = new RememberingWitness();
        var blobs = new FaultyBlobStore(log.Blobs);
        if (lostWhen == "before the copy") blobs.BeforeCheckpoint = HoldAsync;
        if (lostWhen == "after the copy") blobs.AfterCheckpoint = HoldAsync;
        var asked = new Asked(witness, signed) { Then = lostWhen == "cosigned" ? HoldAsync : () => Task.CompletedTask };
        await using var first = await PublishingNode.StartAsync(log, "first", blobs, new Witnesses([asked], required: true));
        await held.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(1, await log.Test.ScalarAsync<long>(EndTurn));

        await log.AppendAsync(writtenSince);
        await using var second = await PublishingNode.StartAsync(log, "second", witnesses: new Witnesses([new Asked(witness, signed)], required: true));
        await second.CoverAsync(5 + writtenSince);
        goOn.SetResult();
        await first.Failed.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((await log.Checkpoints.LastAsync())!.Note, (await log.Blobs.ReadCheckpointAsync())!.Note);

        await log.AppendAsync(1);
        await second.CoverAsync(6 + writtenSince);
        Assert.Equal(new long[] { 3, 5 + writtenSince, 6 + writtenSince }, await SizesAsync(log));
        var roots = await RootsAsync(log);
        Assert.All(signed.Append((await log.Blobs.ReadCheckpointAsync())!.Note), note =>
        {
            var checkpoint = log.Opened(note);
            Assert.Equal(roots[(int)checkpoint.Size], checkpoint.Root.ToArray());
        });
        Assert.Empty((await log.CompareAsync()).Findings);
    }

    /// <summary>The sizes in the order in which they were published.</summary>
    private static async Task<List<long>> SizesAsync(TestLog log)
    {
        await using var command = log.Test.Owner.CreateCommand("select size from coffrefort.journal_checkpoints order by number");
        await using var reader = await command.ExecuteReaderAsync();
        var sizes = new List<long>();
        while (await reader.ReadAsync()) sizes.Add(reader.GetInt64(0));
        return sizes;
    }

    /// <summary>The root over each beginning of the journal, worked out beside the server.</summary>
    private static async Task<List<byte[]>> RootsAsync(TestLog log)
    {
        var tree = Frontier.Empty;
        var roots = new List<byte[]> { tree.Root() };
        await foreach (var stored in log.Journal.ReadAllAsync())
        {
            tree.Append(stored.LeafHash.ToArray());
            roots.Add(tree.Root());
        }

        return roots;
    }

    /// <summary>Writes down whatever a witness is shown, and lets a test hold its answer up.</summary>
    private sealed class Asked(IWitness witness, ConcurrentQueue<string> shown) : IWitness
    {
        public string Name => witness.Name;

        public Func<Task> Then { get; init; } = () => Task.CompletedTask;

        public async Task<WitnessAnswer> CosignAsync(string checkpoint, long size, ConsistencyProofs proofs, CancellationToken cancellation)
        {
            shown.Enqueue(checkpoint);
            var answer = await witness.CosignAsync(checkpoint, size, proofs, cancellation);
            await Then();
            return answer;
        }
    }
}
