using System.Text;
using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Operations.Integrity;
using CoffreFort.Transparency;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>What the log has published is verified in itself by fsck, also where somebody made the digests fit.</summary>
public sealed class PublishedLogCheckTests : IAsyncLifetime
{
    private StoppedStore store = null!;

    public async Task InitializeAsync() => store = await StoppedStore.TellAsync();

    public async Task DisposeAsync() => await store.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-295")]
    public async Task a_false_cosignature_exchanged_timestamps_a_lost_link_and_a_false_copy_are_named()
    {
        var last = (await store.Services.GetRequiredService<JournalCheckpoints>().LastAsync())!;
        // The last but some base 64 digits of a line are of its signature.
        var note = SignedNote.Parse(Encoding.UTF8.GetBytes(last.Note));
        var bytes = note.Signatures[1].Bytes.ToArray();
        bytes[40] ^= 4;
        var forged = new SignedNote(note.Text, [note.Signatures[0], new NoteSignature(note.Signatures[1].Name, note.Signatures[1].KeyId, bytes)]).ToString();
        await store.ExecuteAsync($"update coffrefort.journal_checkpoints set note = '{forged}', digest = sha256(convert_to('{forged}', 'UTF8')) where number = {last.Number}");
        // A slow start leaves time to stamp the last one too, and what is stamped is the note that was just changed.
        await store.ExecuteAsync($"delete from coffrefort.journal_timestamps where checkpoint = {last.Number} and (select count(*) from coffrefort.journal_timestamps) > 2");
        await store.ExecuteAsync("""
            with two as (select checkpoint, token, digest, stamped, row_number() over (order by checkpoint) as n from coffrefort.journal_timestamps order by checkpoint limit 2)
            update coffrefort.journal_timestamps t set token = other.token, digest = other.digest, stamped = other.stamped from two one, two other
            where one.n <> other.n and t.checkpoint = one.checkpoint
            """);
        await store.ExecuteAsync("delete from coffrefort.journal_origins");
        await CopyAsync(last.Origin, last.Size - 1, new byte[32]);

        var findings = await store.FindAsync(Areas.Log);

        Assert.Contains(findings, finding => finding.What == "The cosignature of keyed.example is wrong." && finding.Thing == $"journal_checkpoints number={last.Number} size={last.Size}");
        Assert.Equal(2, findings.Count(finding => finding.Thing.StartsWith("journal_timestamps checkpoint=", StringComparison.Ordinal) && finding.What == "The timestamp is over other data."));
        Assert.Contains(findings, finding => finding.Thing == $"journal_origins origin={last.Origin}" && finding.What.StartsWith("is missing", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.Thing == "blob .checkpoint" && finding.What.Contains("are not those", StringComparison.Ordinal));
        Assert.Equal(5, findings.Count);
    }

    [Fact]
    public async Task a_copy_within_the_journal_is_sound_and_one_beyond_it_is_not()
    {
        var last = (await store.Services.GetRequiredService<JournalCheckpoints>().LastAsync())!;
        await CopyAsync(last.Origin, last.Size - 1, await store.Services.GetRequiredService<JournalTree>().RootAsync(last.Size - 1));
        Assert.Empty(await store.FindAsync(Areas.Log));

        await CopyAsync(last.Origin, last.Size + 1, new byte[32]);
        Assert.Contains("older than what was published", Assert.Single(await store.FindAsync(Areas.Log)).What, StringComparison.Ordinal);
        await store.Blobs.DeleteAsync(StoredBlobs.Checkpoint);
        Assert.StartsWith("is missing", Assert.Single(await store.FindAsync(Areas.Log)).What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task lines_of_an_unknown_witness_are_said_not_to_be_verified()
    {
        var (exit, output, _) = await FsckCommand.RunAsync([.. store.Where, "--only", "log"]);

        Assert.Equal(0, exit);
        Assert.Matches("unchecked: log: journal_checkpoints: [0-9]+ signatures of keyed.example\\+[0-9a-f]{8} were not verified", output);
    }

    private async Task CopyAsync(string origin, long size, byte[] root)
    {
        var text = new Checkpoint(origin, size, root).ToString();
        var blobs = store.Services.GetRequiredService<IBlobStore>();
        store.Services.GetRequiredService<LogKeys>().Make(origin);
        var copy = new SignedNote(text, [store.Services.GetRequiredService<LogKeys>().Sign(text, origin)]).ToString();
        Assert.True(await blobs.ReplaceCheckpointAsync(copy, (await blobs.ReadCheckpointAsync())!.Tag));
    }
}
