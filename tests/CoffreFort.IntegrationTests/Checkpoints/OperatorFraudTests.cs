using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Witness;
using CoffreFort.Transparency;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>The operator, with all rights on the database, the log's key and at last the blob store too, rewrites the past as thoroughly as can be.</summary>
public sealed class OperatorFraudTests
{
    private const string Rewrite = "update coffrefort.mt_events set data = replace(data::text, '\"Amount\":2', '\"Amount\":9')::json where seq_id = 2";

    [Fact]
    [Trait("Requirement", "R-282")]
    public async Task a_rewritten_journal_is_refused_by_whatever_was_kept_and_an_old_receipt_proves_the_rewrite()
    {
        await using var log = await TestLog.CreateAsync(6);
        log.Witnesses = new Witnesses([new RememberingWitness()], required: false);
        await log.PublishAsync();
        var receipt = await ReceiptAsync(log, 2);

        await log.Test.ExecuteAsync(Rewrite);
        var root = await RebuildTreeAsync(log);
        await log.AppendAsync(1);
        await AssertRefusedAsync(log, "the journal's database", "the blob store");

        // The rows of the database are signed anew, with the log's own key.
        var forged = Sign(log, 6, root);
        await log.Test.ExecuteAsync($"update coffrefort.journal_checkpoints set note = '{forged}', digest = sha256(convert_to('{forged}', 'UTF8'))");
        Assert.True((await JournalVerification.RunAsync(log.Test.Application)).Holds, "The forgery is thorough: the journal by itself shows nothing.");
        await AssertRefusedAsync(log, "the blob store");

        // And the copy in the blob store too. Now only what others hold speaks: a receipt, or a witness.
        await log.Blobs.ReplaceCheckpointAsync(forged, (await log.Blobs.ReadCheckpointAsync())!.Tag);
        Assert.Contains("refuses to cosign", (await Assert.ThrowsAsync<CheckpointRefusedException>(() => log.PublishAsync())).Message, StringComparison.Ordinal);
        Assert.Equal(ForkKind.Different, Assert.Single((await log.CompareAsync()).Findings).Kind);
        log.Witnesses = new Witnesses([], required: false);
        Assert.True(await log.PublishAsync());
        Assert.True(InclusionProof.Verify(1, receipt.Checkpoint.Size, receipt.Leaf, receipt.Proof, receipt.Checkpoint.Root.Span));
        var told = log.Opened((await log.Checkpoints.CoveringAsync(2))!.Note);
        Assert.Equal(receipt.Checkpoint.Size, told.Size);
        Assert.NotEqual(receipt.Checkpoint.Root.ToArray(), told.Root.ToArray());
    }

    private static async Task AssertRefusedAsync(TestLog log, params string[] places)
    {
        var findings = (await log.CompareAsync()).Findings;
        Assert.Equal(places, findings.Select(finding => finding.Place));
        Assert.All(findings, finding => Assert.Equal(ForkKind.Different, finding.Kind));
        await Assert.ThrowsAsync<CheckpointRefusedException>(() => log.PublishAsync());
    }

    /// <summary>What a holder was given while all was well: the log signed it, and everybody who has the log's key can check it.</summary>
    private static async Task<(Checkpoint Checkpoint, byte[] Leaf, byte[][] Proof)> ReceiptAsync(TestLog log, long position)
    {
        var leaves = new List<byte[]>();
        await foreach (var stored in log.Journal.ReadAllAsync()) leaves.Add(stored.LeafHash.ToArray());
        var checkpoint = await log.LastAsync();
        return (checkpoint, leaves[(int)position - 1], InclusionProof.Create(position - 1, checkpoint.Size, leaves));
    }

    private static async Task<byte[]> RebuildTreeAsync(TestLog log)
    {
        var tree = Frontier.Empty;
        await foreach (var stored in log.Journal.ReadAllAsync())
        {
            var leaf = new byte[MerkleHash.Length];
            EventCommitment.Compute(
                stored.Position, stored.Id, stored.StreamId, stored.Version, JournalTime.Microseconds(stored.Timestamp),
                System.Text.Encoding.UTF8.GetBytes(stored.Type), stored.Data.Span, stored.HeadersJson.Span, leaf);
            MerkleHash.Leaf(leaf, leaf);
            tree.Append(leaf);
            await log.Test.ExecuteAsync($"update coffrefort.mt_events set leaf_hash = '\\x{Convert.ToHexString(leaf)}' where seq_id = {stored.Position}");
        }

        await log.Test.ExecuteAsync($"update coffrefort.journal_head set root = '\\x{Convert.ToHexString(tree.Root())}', frontier = '\\x{Convert.ToHexString(tree.ToBytes())}'");
        return tree.Root();
    }

    private static string Sign(TestLog log, long size, byte[] root)
    {
        var text = new Checkpoint(log.Settings.Origin, size, root).ToString();
        return new SignedNote(text, [log.Keys.Sign(text, log.Settings.Origin)]).ToString();
    }
}
