using System.Diagnostics;
using System.Globalization;
using System.Text;
using CoffreFort.Transparency;

namespace CoffreFort.IntegrationTests.Witness;

/// <summary>What a witness cosigns, and what it refuses, as C2SP tlog-witness says.</summary>
public sealed class WitnessTests : IAsyncLifetime
{
    private const string SizeType = "text/x.tlog.size";

    private readonly HandMadeLog log = new("log.example/a");
    private WitnessProcess witness = null!;

    public async Task InitializeAsync()
    {
        log.GrowTo(1000);
        witness = await WitnessProcess.StartAsync(log.Key);
    }

    public async Task DisposeAsync() => await witness.DisposeAsync();

    [Fact]
    public async Task a_log_that_only_grows_is_cosigned_at_every_step()
    {
        int[] sizes = [0, 1, 2, 3, 7, 7, 8, 64, 100, 256, 257, 999, 1000];
        var old = 0;
        var time = DateTimeOffset.MinValue;
        foreach (var size in sizes)
        {
            var (status, lines, type) = await witness.SubmitAsync(log.Request(old, size));
            Assert.Equal((200, "text/plain; charset=utf-8"), (status, type));
            var cosigned = SignedNote.Parse(Encoding.UTF8.GetBytes(log.Checkpoint(size) + lines));
            var at = await Cosignature.VerifyAsync(cosigned, witness.Key, new Ed25519());
            Assert.True(at >= time);
            (old, time) = (size, at.Value);
        }

        Assert.Contains($"log log.example/a\nsize 1000\nroot {Convert.ToBase64String(log.Root(1000))}\ncosigned ", await witness.DescribeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_first_checkpoint_may_have_any_size_and_needs_no_proof()
    {
        Assert.Equal((409, "0\n", SizeType), await witness.SubmitAsync(log.Request(400, 500)));
        Assert.Equal(422, (await witness.SubmitAsync(HandMadeLog.Request(0, [new byte[32]], log.Checkpoint(500).ToString()))).Status);
        Assert.Equal(200, (await witness.SubmitAsync(log.Request(0, 500))).Status);
    }

    [Fact]
    public async Task stock_openssl_verifies_a_cosignature()
    {
        var line = (await witness.SubmitAsync(log.Request(0, 500))).Content.TrimEnd('\n').Split(' ');
        Assert.Equal(("—", "witness.example/w1"), (line[0], line[1]));
        var content = Convert.FromBase64String(line[2]);
        var seconds = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(content.AsSpan(4));
        var folder = Directory.CreateDirectory(Path.Combine(witness.Folder, "..", "openssl")).FullName;
        var (key, message, signature) = (Path.Combine(folder, "key"), Path.Combine(folder, "message"), Path.Combine(folder, "signature"));
        // RFC 8410: what stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo.
        await File.WriteAllBytesAsync(key, [.. Convert.FromHexString("302a300506032b6570032100"), .. witness.Key.PublicKey.Span]);
        await File.WriteAllTextAsync(message, string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {seconds}\n{log.Checkpoint(500).Text}"));
        await File.WriteAllBytesAsync(signature, content[12..]);
        using var openssl = Process.Start("openssl", ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", key, "-rawin", "-in", message, "-sigfile", signature]);
        await openssl.WaitForExitAsync();
        Assert.Equal(0, openssl.ExitCode);
    }

    [Fact]
    [Trait("Requirement", "R-270")]
    public async Task a_smaller_tree_is_refused_with_the_size_that_is_known()
    {
        await witness.SubmitAsync(log.Request(0, 500));
        Assert.Equal((409, "500\n", SizeType), await witness.SubmitAsync(log.Request(0, 499)));
        Assert.Equal((409, "500\n", SizeType), await witness.SubmitAsync(log.Request(499, 499)));
        Assert.Equal((409, "500\n", SizeType), await witness.SubmitAsync(log.Request(0, 600)));
        Assert.Equal((409, "500\n", SizeType), await witness.SubmitAsync(log.Request(501, 600)));
        Assert.Contains("size 500\n", await witness.DescribeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "R-270")]
    public async Task another_tree_of_the_same_size_is_a_fork_and_both_signed_notes_are_kept()
    {
        await witness.SubmitAsync(log.Request(0, 500));
        var fork = log.ForkAt(499);
        fork.GrowTo(500, "other");
        Assert.Equal((409, "500\n", SizeType), await witness.SubmitAsync(fork.Request(500, 500)));
        // Also under an old size that alone would have been refused, and once only.
        Assert.Equal((409, "500\n", SizeType), await witness.SubmitAsync(fork.Request(3, 500)));

        var kept = Path.Combine(Directory.GetDirectories(Path.Combine(witness.Folder, "evidence")).Single(), Assert.Single(witness.Evidence(), name => name.StartsWith("fork-500-", StringComparison.Ordinal)));
        var roots = new List<byte[]>();
        foreach (var note in (string[])["cosigned", "submitted"])
        {
            Assert.True(Checkpoint.TryOpen(await File.ReadAllBytesAsync(Path.Combine(kept, note)), log.Key, out _, out var checkpoint, out _));
            Assert.Equal(500, checkpoint.Size);
            roots.Add(checkpoint.Root.ToArray());
        }

        Assert.Equal([log.Root(500), fork.Root(500)], roots);
        Assert.Equal(200, (await witness.SubmitAsync(log.Request(500, 501))).Status);
        await witness.KillAsync();
        Assert.Contains("FORK: log.example/a has signed two different trees of 500 leaves", witness.Complaints, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(499)]
    [Trait("Requirement", "R-270")]
    public async Task a_history_rewritten_before_the_known_size_is_refused_with_any_proof(int forkedAt)
    {
        await witness.SubmitAsync(log.Request(0, 500));
        var fork = log.ForkAt(forkedAt);
        fork.GrowTo(600, "other");
        Assert.Equal(422, (await witness.SubmitAsync(fork.Request(500, 600))).Status);
        Assert.Equal(422, (await witness.SubmitAsync(HandMadeLog.Request(500, log.Proof(500, 600), fork.Checkpoint(600).ToString()))).Status);
        Assert.Equal(422, (await witness.SubmitAsync(HandMadeLog.Request(500, [], fork.Checkpoint(600).ToString()))).Status);
        Assert.StartsWith("unproven-600-", Assert.Single(witness.Evidence()), StringComparison.Ordinal);
        Assert.Equal(200, (await witness.SubmitAsync(log.Request(500, 600))).Status);
    }

    [Fact]
    public async Task unknown_logs_and_keys_are_told_apart()
    {
        var other = new HandMadeLog("log.example/b");
        other.GrowTo(5);
        Assert.Equal(404, (await witness.SubmitAsync(other.Request(0, 5))).Status);
        var impostor = log.Impostor();
        Assert.Equal(403, (await witness.SubmitAsync(impostor.Request(0, 5))).Status);

        // The right name and id over a wrong signature.
        var note = log.Checkpoint(5);
        var spoilt = note.Signatures[0].Bytes.ToArray();
        spoilt[^1] ^= 1;
        var forged = new SignedNote(note.Text, [new NoteSignature(log.Origin, log.Key.KeyId, spoilt)]);
        Assert.Equal(403, (await witness.SubmitAsync(HandMadeLog.Request(0, [], forged.ToString()))).Status);
        Assert.Equal(403, (await witness.SubmitAsync(HandMadeLog.Request(0, [], forged.With(note.Signatures[0]).ToString()))).Status);
        Assert.Contains("size none seen yet", await witness.DescribeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task signatures_of_strangers_matter_neither_now_nor_after_a_restart()
    {
        var note = log.Checkpoint(5).With(new NoteSignature("stranger", 1, [1, 2, 3])).With(new NoteSignature(witness.Key.Name, witness.Key.KeyId, new byte[72]));
        Assert.Equal(200, (await witness.SubmitAsync(HandMadeLog.Request(0, [], note.ToString()))).Status);
        await witness.KillAsync();
        await witness.StartAsync();
        Assert.Equal(200, (await witness.SubmitAsync(log.Request(5, 6))).Status);
    }

    [Fact]
    public async Task two_keys_of_one_log_are_both_trusted()
    {
        var successor = log.Impostor();
        await using var both = await WitnessProcess.StartAsync(log.Key, successor.Key);
        Assert.Equal(200, (await both.SubmitAsync(log.Request(0, 5))).Status);
        Assert.Equal(200, (await both.SubmitAsync(successor.Request(5, 6))).Status);
    }
}
