using System.Text;
using CoffreFort.IntegrationTests.Checkpoints;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Witness;
using CoffreFort.Transparency;

namespace CoffreFort.IntegrationTests.Witness;

/// <summary>The publishing server against a real witness that it requires.</summary>
public sealed class RequiredWitnessTests
{
    [Fact]
    [Trait("Requirement", "R-271")]
    public async Task what_is_published_is_cosigned_and_while_the_witness_is_away_events_are_written_and_nothing_is_published()
    {
        await using var log = await TestLog.CreateAsync(5);
        await using var witness = await WitnessProcess.StartAsync(log.Keys.VerifierKey(log.Settings.Origin));
        log.Witnesses = Required(witness);
        Assert.True(await log.PublishAsync());
        await AssertCosignedAsync(log, witness, 5);

        await witness.KillAsync();
        await log.AppendAsync(3);
        var missing = await Assert.ThrowsAsync<WitnessMissingException>(() => log.PublishAsync());
        Assert.Contains("witness.example/w1: It can't be reached", missing.Message, StringComparison.Ordinal);
        await AssertCosignedAsync(log, witness, 5);

        await witness.StartAsync();
        log.Witnesses = Required(witness);
        Assert.True(await log.PublishAsync());
        await AssertCosignedAsync(log, witness, 8);
    }

    private static Witnesses Required(WitnessProcess witness) =>
        new([new HttpWitness(witness.Address, witness.Key, new HttpClient(), new Ed25519())], required: true);

    private static async Task AssertCosignedAsync(TestLog log, WitnessProcess witness, long size)
    {
        var note = (await log.Checkpoints.LastAsync())!.Note;
        Assert.Equal(note, (await log.Blobs.ReadCheckpointAsync())!.Note);
        Assert.Equal(size, log.Opened(note).Size);
        Assert.NotNull(await Cosignature.VerifyAsync(SignedNote.Parse(Encoding.UTF8.GetBytes(note)), witness.Key, new Ed25519()));
    }
}
