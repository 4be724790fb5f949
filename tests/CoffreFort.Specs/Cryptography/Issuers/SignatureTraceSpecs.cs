using System.Text;
using CoffreFort.Cryptography.Issuers;

namespace CoffreFort.Specs.Cryptography.Issuers;

/// <summary>Whether a document may be signed is told from its bytes as they come, in whatever pieces.</summary>
public sealed class SignatureTraceSpecs
{
    [Theory]
    [InlineData("%PDF-1.7 … /ByteRange [0 1 2 3]", true)]
    [InlineData("%PDF-1.7 … /ByteRang", false)]
    [InlineData("%PDF-1.7 … /ByteRang /ByteRange", true)]
    [InlineData("%PDF-/ByteRange", true)]
    [InlineData("%PDX-1.7 … /ByteRange [0 1 2 3]", false)]
    [InlineData(" %PDF-1.7 … /ByteRange [0 1 2 3]", false)]
    [InlineData("", false)]
    [InlineData("%", false)]
    [Trait("Requirement", "R-040")]
    public void a_mention_is_seen_however_the_bytes_are_cut(string text, bool seen)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var piece = 1; piece <= Math.Max(1, bytes.Length); piece++)
        {
            var trace = new SignatureTrace();
            foreach (var part in bytes.Chunk(piece)) trace.Take(part);
            Assert.Equal(seen, trace.MayBeSigned);
        }
    }

    [Theory]
    [InlineData("30 80 06 09 2A 86 48 86 F7 0D 01 07 02 A0", true)]
    [InlineData("30 10 06 09 2A 86 48 86 F7 0D 01 07 02 A0", true)]
    [InlineData("30 83 01 02 03 06 09 2A 86 48 86 F7 0D 01 07 02 A0", true)]
    [InlineData("30 83 01 02 03 06 09 2A 86 48 86 F7 0D 01 07 01 A0", false)]
    [InlineData("30 83 01 02 03 06 09 2A 86 48 86 F7 0D 01 07", false)]
    [InlineData("30 FF 01 02 03 06 09 2A 86 48 86 F7 0D 01 07 02", false)]
    [InlineData("31 10 06 09 2A 86 48 86 F7 0D 01 07 02 A0", false)]
    [InlineData("30", false)]
    [Trait("Requirement", "R-040")]
    public void a_message_is_known_by_its_first_bytes(string hex, bool known)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        foreach (var piece in new[] { 1, 3, 100 })
        {
            var trace = new SignatureTrace();
            foreach (var part in bytes.Chunk(piece)) trace.Take(part);
            Assert.Equal(known, trace.MayBeSigned);
        }
    }
}
