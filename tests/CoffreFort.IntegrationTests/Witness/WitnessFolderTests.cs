using System.Runtime.Versioning;
using System.Text;

namespace CoffreFort.IntegrationTests.Witness;

/// <summary>What a witness keeps, and how it refuses to start on anything else.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class WitnessFolderTests : IAsyncLifetime
{
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
    public async Task the_key_is_made_once_and_everything_is_its_owners_alone()
    {
        var key = witness.Key.ToString();
        Assert.Equal((0, $"{key}\n"), await WitnessProcess.RunAsync("witness", "key", "--data", witness.Folder));
        await witness.KillAsync();
        await witness.StartAsync();
        Assert.Equal(key, witness.Key.ToString());
        Assert.All(Directory.GetDirectories(witness.Folder, "*", SearchOption.AllDirectories).Append(witness.Folder), folder => Assert.Equal("UserExecute, UserWrite, UserRead", File.GetUnixFileMode(folder).ToString()));
        Assert.All(Directory.GetFiles(witness.Folder, "*", SearchOption.AllDirectories), file => Assert.Equal("UserWrite, UserRead", File.GetUnixFileMode(file).ToString()));
    }

    [Fact]
    public async Task a_folder_or_key_that_others_may_read_is_refused()
    {
        await witness.KillAsync();
        foreach (var path in (string[])[witness.Folder, Path.Combine(witness.Folder, "key"), Path.Combine(witness.Folder, "key", "private.pem"), witness.StateFile()])
        {
            var mode = File.GetUnixFileMode(path);
            File.SetUnixFileMode(path, mode | UnixFileMode.GroupRead);
            Assert.Contains($"Others than its owner may get at {path}", await witness.FailToStartAsync(), StringComparison.Ordinal);
            File.SetUnixFileMode(path, mode);
        }

        await witness.StartAsync();
    }

    [Fact]
    public async Task two_witnesses_never_share_a_folder() =>
        Assert.Contains("Another process holds", await witness.FailToStartAsync(), StringComparison.Ordinal);

    [Fact]
    public async Task its_name_is_part_of_its_key()
    {
        await witness.KillAsync();
        Assert.Contains("called witness.example/w1", (await WitnessProcess.RunAsync("witness", "--data", witness.Folder, "--name", "other", "--log", log.Key.ToString())).Complaint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", "log")]
    [InlineData("--log", "x")]
    [InlineData("--log", "witness.example/w1")]
    [InlineData("--listen", "5090")]
    public async Task it_does_not_start_without_a_log_or_an_address(string option, string value)
    {
        await witness.KillAsync();
        string[] arguments = option == "nothing" ? [] : option == "--log" ? ["--log", value == "x" ? value : witness.Key.ToString()] : ["--log", log.Key.ToString(), option, value];
        var (status, complaint) = await WitnessProcess.RunAsync(["witness", "--data", witness.Folder, .. arguments]);
        Assert.Equal(2, status);
        Assert.Contains(option == "--listen" ? "--listen takes" : "--log", complaint, StringComparison.Ordinal);
    }

    /// <summary>One bit in each part of the file: format, checksum, origin, size, root, the log's signature, its own.</summary>
    [Theory]
    [InlineData("coffrefort/")]
    [InlineData("sha256 ")]
    [InlineData("log.example/a\nlog")]
    [InlineData("\n10\n")]
    [InlineData("\n\n— log.example/a ")]
    [InlineData("— witness.example/w1 ")]
    [Trait("Requirement", "R-270")]
    public async Task a_damaged_state_is_never_guessed_at(string after)
    {
        await witness.KillAsync();
        var state = await File.ReadAllBytesAsync(witness.StateFile());
        state[state.AsSpan().IndexOf(Encoding.UTF8.GetBytes(after)) + Encoding.UTF8.GetByteCount(after) + 2] ^= 1;
        await File.WriteAllBytesAsync(witness.StateFile(), state);
        Assert.Contains($"{witness.StateFile()} is damaged", await witness.FailToStartAsync(), StringComparison.Ordinal);
        Assert.Equal(state, await File.ReadAllBytesAsync(witness.StateFile()));
    }

    [Fact]
    [Trait("Requirement", "R-270")]
    public async Task a_state_that_is_gone_cut_off_or_another_witnesss_is_never_begun_anew()
    {
        await using var other = await WitnessProcess.StartAsync(log.Key);
        Assert.Equal(200, (await other.SubmitAsync(log.Request(0, 5))).Status);
        await witness.KillAsync();
        var file = witness.StateFile();
        var state = await File.ReadAllBytesAsync(file);

        await File.WriteAllBytesAsync(file, await File.ReadAllBytesAsync(other.StateFile()));
        Assert.Contains("this witness did not cosign what it holds", await witness.FailToStartAsync(), StringComparison.Ordinal);
        await File.WriteAllBytesAsync(file, state[..^1]);
        Assert.Contains("is damaged", await witness.FailToStartAsync(), StringComparison.Ordinal);
        await File.WriteAllBytesAsync(file, []);
        Assert.Contains("is damaged", await witness.FailToStartAsync(), StringComparison.Ordinal);
        File.Delete(file);
        Assert.Contains("is gone, though this witness has followed log.example/a", await witness.FailToStartAsync(), StringComparison.Ordinal);
        Directory.Delete(Path.Combine(witness.Folder, "key"), recursive: true);
        Assert.Contains("is gone, though this witness has followed logs", await witness.FailToStartAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task what_a_death_left_half_written_is_ignored()
    {
        await witness.KillAsync();
        await File.WriteAllTextAsync(witness.StateFile() + ".new", "half");
        await witness.StartAsync();
        Assert.Equal(200, (await witness.SubmitAsync(log.Request(10, 11))).Status);
    }

    [Fact]
    public async Task what_it_cannot_write_it_does_not_answer()
    {
        // A folder in the place where the next state is written: root may write anywhere else.
        var obstacle = Directory.CreateDirectory(witness.StateFile() + ".new").FullName;
        Assert.Equal(503, (await witness.SubmitAsync(log.Request(10, 11))).Status);
        Directory.Delete(obstacle);
        Assert.Equal(200, (await witness.SubmitAsync(log.Request(10, 12))).Status);
    }
}
