using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using CoffreFort.Transparency;

namespace CoffreFort.Specs.Transparency;

public sealed class NoteSpecs : IDisposable
{
    private const string Name = "coffrefort.test/journal";
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coffrefort-notes-");

    public void Dispose()
    {
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>The examples of C2SP signed-note, tlog-checkpoint and tlog-cosignature, character for character.</summary>
    [Theory]
    [InlineData("Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
        + "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n", 1)]
    [InlineData("example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        + "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        + "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n", 2)]
    public void published_notes_are_read_and_written_byte_for_byte(string published, int signatures)
    {
        var note = SignedNote.Parse(Encoding.UTF8.GetBytes(published));
        Assert.Equal(signatures, note.Signatures.Count);
        Assert.Equal(published, note.ToString());
    }

    [Fact]
    public void a_log_opens_its_own_checkpoint_and_no_other_key_does()
    {
        byte[] bytes = Signed(new Checkpoint(Name, 3, new byte[32])).With(new NoteSignature("stranger", 7, [1])).ToBytes();
        NoteVerifierKey key = NoteVerifierKey.Parse(EcdsaNote.VerifierKey(Name, _key).ToString());
        Assert.True(Checkpoint.TryOpen(bytes, key, out SignedNote? note, out Checkpoint? checkpoint, out _));
        Assert.Equal((3, 2), (checkpoint.Size, note.Signatures.Count));

        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.False(Checkpoint.TryOpen(bytes, EcdsaNote.VerifierKey(Name, other), out _, out _, out _));
        Assert.False(Checkpoint.TryOpen(bytes, EcdsaNote.VerifierKey("another.test", _key), out _, out _, out _));
    }

    [Fact]
    public async Task stock_openssl_verifies_a_signed_note()
    {
        SignedNote note = Signed(new Checkpoint(Name, 1, new byte[32]));
        await File.WriteAllBytesAsync(Path("text"), note.TextBytes.ToArray());
        await File.WriteAllBytesAsync(Path("signature"), note.Signatures[0].Bytes.ToArray());
        await File.WriteAllTextAsync(Path("key.pem"), _key.ExportSubjectPublicKeyInfoPem());
        string[] arguments = ["dgst", "-sha256", "-verify", Path("key.pem"), "-signature", Path("signature"), Path("text")];
        Assert.Equal("Verified OK", await OpenSsl(arguments));
        await File.AppendAllTextAsync(Path("text"), "\n");
        Assert.Equal("Verification failure", await OpenSsl(arguments));
    }

    [Fact]
    public async Task a_witness_cosigns_and_is_verified()
    {
        var ed25519 = new Ed25519();
        await ed25519.CreateKeyAsync(Path("witness.pem"));
        NoteVerifierKey witness = NoteVerifierKey.Parse(Cosignature.VerifierKey("witness.test", await ed25519.PublicKeyAsync(Path("witness.pem"))).ToString());
        var time = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        SignedNote note = Signed(new Checkpoint(Name, 1, new byte[32]));
        Assert.Null(await Cosignature.VerifyAsync(note, witness, ed25519));

        NoteSignature signature = await Cosignature.SignAsync(note, witness, Path("witness.pem"), time, ed25519);
        Assert.Equal(time, await Cosignature.VerifyAsync(note.With(signature), witness, ed25519));
        byte[] later = signature.Bytes.ToArray();
        later[7]++;
        Assert.Null(await Cosignature.VerifyAsync(note.With(new NoteSignature(signature.Name, signature.KeyId, later)), witness, ed25519));
        Assert.Null(await Cosignature.VerifyAsync(Signed(new Checkpoint(Name, 2, new byte[32])).With(signature), witness, ed25519));
    }

    private SignedNote Signed(Checkpoint checkpoint) => new(checkpoint.ToString(), [EcdsaNote.Sign(checkpoint.ToString(), Name, _key)]);

    private string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    private static async Task<string> OpenSsl(string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Split('\n')[0];
    }
}
