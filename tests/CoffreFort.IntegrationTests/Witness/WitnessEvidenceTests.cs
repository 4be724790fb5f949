using System.Runtime.Versioning;

namespace CoffreFort.IntegrationTests.Witness;

/// <summary>What a witness keeps of what it refused, against a log that fills its room on purpose.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class WitnessEvidenceTests : IAsyncLifetime
{
    private const UnixFileMode OwnerFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int MostOfAKind = 256;

    private readonly HandMadeLog log = new("log.example/a");
    private WitnessProcess witness = null!;

    public async Task InitializeAsync()
    {
        log.GrowTo(20);
        witness = await WitnessProcess.StartAsync(log.Key);
        Assert.Equal(200, (await witness.SubmitAsync(log.Request(0, 10))).Status);
    }

    public async Task DisposeAsync() => await witness.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-270")]
    public async Task unproven_checkpoints_take_no_room_from_proofs_of_a_fork_and_have_a_limit()
    {
        Assert.Equal(422, (await SubmitUnprovenAsync(11)).Status);
        var folder = Directory.GetDirectories(Path.Combine(witness.Folder, "evidence")).Single();
        for (var i = 1; i < MostOfAKind; i++) Directory.CreateDirectory(Path.Combine(folder, $"unproven-1{i}-junk"), OwnerFolder);

        Assert.Equal(422, (await SubmitUnprovenAsync(12)).Status);
        Assert.Equal(409, (await witness.SubmitAsync(Fork().Request(10, 10))).Status);

        Assert.Equal(MostOfAKind, witness.Evidence().Count(name => name.StartsWith("unproven-", StringComparison.Ordinal)));
        await AssertForkKeptAsync(folder);
    }

    [Fact]
    public async Task a_folder_that_a_crash_left_empty_or_half_filled_is_no_evidence_and_is_filled_in()
    {
        Assert.Equal(409, (await witness.SubmitAsync(Fork().Request(10, 10))).Status);
        var folder = Directory.GetDirectories(Path.Combine(witness.Folder, "evidence")).Single();
        foreach (var lost in (string[][])[["submitted"], ["cosigned", "submitted"]])
        {
            foreach (var name in lost) File.Delete(Path.Combine(Directory.GetDirectories(folder).Single(), name));
            Assert.Equal(409, (await witness.SubmitAsync(Fork().Request(10, 10))).Status);
            await AssertForkKeptAsync(folder);
        }
    }

    private Task<(int Status, string Content, string? ContentType)> SubmitUnprovenAsync(int size) =>
        witness.SubmitAsync(HandMadeLog.Request(10, [], log.Sign(size, new byte[32]).ToString()));

    private HandMadeLog Fork()
    {
        var fork = log.ForkAt(9);
        fork.GrowTo(10, "other");
        return fork;
    }

    private async Task AssertForkKeptAsync(string folder)
    {
        var kept = Assert.Single(Directory.GetDirectories(folder, "fork-10-*"));
        Assert.StartsWith(log.Checkpoint(10).Text, await File.ReadAllTextAsync(Path.Combine(kept, "cosigned")), StringComparison.Ordinal);
        Assert.StartsWith(Fork().Checkpoint(10).Text, await File.ReadAllTextAsync(Path.Combine(kept, "submitted")), StringComparison.Ordinal);
    }
}
