using System.Security.Cryptography;
using System.Text;
using CoffreFort.Transparency;
using FsCheck;
using FsCheck.Fluent;

namespace CoffreFort.Specs.Transparency;

/// <summary>Whatever a stranger sends as a note, a key or a checkpoint: it is refused with a reason, or has exactly one form.</summary>
public sealed class HostileNoteSpecs : IDisposable
{
    private const string Root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    private const string Signature = "— log.test AAAAAQI=\n";
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    public static TheoryData<string> BadNotes => new(
    [
        "", "\n", "\n\n", "text\n", "text\n\n", $"text\n{Signature}", $"text\n\n{Signature}\n", $"text\n\n{Signature[..^1]}", $"text\r\n\r\n{Signature}", $"te\txt\n\n{Signature}",
        "text\n\n- log.test AAAAAQI=\n", "text\n\n—log.test AAAAAQI=\n", "text\n\n—  log.test AAAAAQI=\n", "text\n\n— log.test  AAAAAQI=\n", "text\n\n— log.test AAAAAQI= \n",
        "text\n\n— log.test\n", "text\n\n— lo+g AAAAAQI=\n", "text\n\n— lo\u00a0g AAAAAQI=\n", "text\n\n— log.test AAAAAQ==\n", "text\n\n— log.test AAAAAQI\n", "text\n\n— log.test AAAAAQJ=\n",
        "text\n\n— log.test AAAA_QI=\n", "text\n\n— log.test AAAA\u2028AQI=\n", $"text\n\n{Signature}text\n", $"text\n\n{string.Concat(Enumerable.Repeat(Signature, SignedNote.MostSignatures + 1))}",
        $"{new string('\n', SignedNote.MostTextLines + 1)}\n{Signature}", $"{new string('x', SignedNote.LargestLength)}\n\n{Signature}",
    ]);

    public static TheoryData<string> BadCheckpoints => new(
    [
        "", "\n\n\n", $"log.test\n1\n{Root}", $"\n1\n{Root}\n", $"log.test\n\n{Root}\n", "log.test\n1\n\n", $"log.test\n01\n{Root}\n", $"log.test\n+1\n{Root}\n", $"log.test\n-1\n{Root}\n",
        $"log.test\n 1\n{Root}\n", $"log.test\n1 \n{Root}\n", $"log.test\n1.0\n{Root}\n", $"log.test\n1e3\n{Root}\n", $"log.test\n0x1\n{Root}\n", $"log.test\n１\n{Root}\n",
        $"log.test\n9223372036854775808\n{Root}\n", $"log.test\n99999999999999999999\n{Root}\n", $"log.test\n00\n{Root}\n", "log.test\n1\nAAAA\n", $"log.test\n1\n{Root[..^1]}\n",
        $"log.test\n1\n{Root}=\n", $"log.test\n1\n{Root[..^2]}J=\n", $"log.test\n1\n {Root}\n", $"log.test\n0\n{Root}\n", $"log.test\n1\n{Root}\n\n", $"log.test\n1\n{Root}\n\next\n", $"log.test\r\n1\r\n{Root}\r\n",
    ]);

    [Theory]
    [Trait("Requirement", "R-290")]
    [MemberData(nameof(BadNotes))]
    public void a_note_of_another_form_is_refused_with_a_reason(string note)
    {
        Assert.False(SignedNote.TryParse(Encoding.UTF8.GetBytes(note), out _, out string? fault));
        Assert.NotEmpty(fault);
    }

    [Fact]
    public void a_note_that_is_not_utf8_is_refused() => Assert.False(SignedNote.TryParse([0xff, .. Encoding.UTF8.GetBytes($"text\n\n{Signature}")], out _, out _));

    [Theory]
    [MemberData(nameof(BadCheckpoints))]
    public void a_checkpoint_of_another_form_is_refused_with_a_reason(string text)
    {
        Assert.False(Checkpoint.TryParse(text, out _, out string? fault));
        Assert.NotEmpty(fault);
    }

    [Theory]
    [InlineData("log.test\n9223372036854775807\n" + Root + "\n")]
    [InlineData("a log with spaces, ünd more\n1\n" + Root + "\nan extension\nand another\n")]
    [InlineData("log.test\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    public void unusual_checkpoints_are_read_and_written_as_they_were(string text) => Assert.Equal(text, Checkpoint.Parse(text).ToString());

    [Fact]
    public void what_is_read_at_all_is_written_back_byte_for_byte()
    {
        byte[] good = new SignedNote("a\n\nb é\n", [new NoteSignature("log.test", 1, [2]), new NoteSignature("wit/ness", uint.MaxValue, new byte[72])]).ToBytes();
        var changed = from change in Gen.Choose(0, 3)
                      from at in Gen.Choose(0, good.Length - 1)
                      from value in Gen.Choose(0, 255)
                      select (byte[])(change switch
                      {
                          0 => [.. good[..at], (byte)value, .. good[(at + 1)..]],
                          1 => [.. good[..at], (byte)value, .. good[at..]],
                          2 => [.. good[..at], .. good[(at + 1)..]],
                          _ => good[..at],
                      });
        Prop.ForAll(changed.ToArbitrary(), bytes => !SignedNote.TryParse(bytes, out SignedNote? note, out _) || note.ToBytes().AsSpan().SequenceEqual(bytes))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void no_changed_bit_keeps_a_signature()
    {
        string text = new Checkpoint("log.test", 5, new byte[32]).ToString();
        NoteVerifierKey key = EcdsaNote.VerifierKey("log.test", _key);
        byte[] good = new SignedNote(text, [EcdsaNote.Sign(text, "log.test", _key)]).ToBytes();
        Assert.True(Checkpoint.TryOpen(good, key, out _, out _, out _));
        for (int bit = 0; bit < good.Length * 8; bit++)
        {
            byte[] flipped = [.. good];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Checkpoint.TryOpen(flipped, key, out _, out _, out _), $"bit {bit}");
        }
    }

    [Fact]
    public void a_right_and_a_wrong_signature_of_one_key_are_refused_together()
    {
        NoteSignature right = EcdsaNote.Sign("text\n", "log.test", _key);
        NoteVerifierKey key = EcdsaNote.VerifierKey("log.test", _key);
        Assert.True(EcdsaNote.Verify(new SignedNote("text\n", [right, right, new NoteSignature("log.test", right.KeyId + 1, [1])]), key));
        Assert.False(EcdsaNote.Verify(new SignedNote("text\n", [right, new NoteSignature("log.test", right.KeyId, [1])]), key));
        Assert.False(EcdsaNote.Verify(new SignedNote("text\n", [new NoteSignature("other", right.KeyId, right.Bytes.Span)]), key));
    }

    [Fact]
    public void a_verifier_key_has_one_form_and_names_its_own_key()
    {
        string good = EcdsaNote.VerifierKey("log.test", _key).ToString();
        Assert.Equal(good, NoteVerifierKey.Parse(good).ToString());
        string[] parts = good.Split('+', 3);
        using var larger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        byte[] info = _key.ExportSubjectPublicKeyInfo();
        string[] bad =
        [
            "", "+", "++", $"{parts[0]}+{parts[1]}", $"+{parts[1]}+{parts[2]}", $"log test+{parts[1]}+{parts[2]}", $"{parts[0]}+00000000+{parts[2]}", $"{parts[0]}+{parts[1].ToUpperInvariant()}A+{parts[2]}",
            $"{parts[0]}+{parts[1][1..]}+{parts[2]}", good + "\n", good + "=", $"{parts[0]}+{parts[1]}+{Convert.ToBase64String([2, .. info, 0])}", $"{parts[0]}+{parts[1]}+{Convert.ToBase64String([1, .. info])}",
            $"{parts[0]}+{parts[1]}+{Convert.ToBase64String([4, .. info])}", $"{parts[0]}+{parts[1]}+{Convert.ToBase64String([2, .. larger.ExportSubjectPublicKeyInfo()])}", new string('a', 5000),
        ];
        Assert.DoesNotContain(bad, text => NoteVerifierKey.TryParse(text, out _, out _));
        Assert.Throws<FormatException>(() => EcdsaNote.VerifierKey("log.test", larger));
    }

    [Fact]
    public void what_could_not_be_read_back_is_not_made()
    {
        NoteSignature[] signatures = [new("log.test", 1, [2])];
        foreach (string text in (string[])["", "no end", "a\n\n— log.test AAAAAQI=", "a\u0007\n", "half \ud800\n"])
            Assert.Throws<FormatException>(() => new SignedNote(text, signatures));
        Assert.Throws<FormatException>(() => new SignedNote("text\n", []));
        Assert.Throws<FormatException>(() => new Checkpoint("a\nb", 1, new byte[32]));
        Assert.Throws<FormatException>(() => new Checkpoint("log", -1, new byte[32]));
        Assert.Throws<FormatException>(() => new Checkpoint("log", 1, new byte[31]));
        Assert.Throws<ArgumentException>(() => new NoteSignature("lo g", 1, [2]));
    }
}
