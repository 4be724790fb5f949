using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Specs.Cryptography.Cms;

public sealed class SealedCopySpecs
{
    private const string Kind = "P-256";
    private static readonly byte[] s_content = "a certificate of residence"u8.ToArray();
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    public static TheoryData<string> Kinds => [.. Recipient.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void a_sealed_document_opens_with_its_description_and_its_evidence(string kind)
    {
        var copy = SealedCopy.Verify(Sealing.Document(kind, s_content), Sealing.Trust, Sealing.Now);
        Assert.True(copy.IsFor(Recipient.Of(kind).Certificate));
        Assert.Contains($"CN=Agency {kind}", copy.Recipient, StringComparison.Ordinal);
        var opened = copy.OpenDocument(Recipient.Of(kind).Certificate);

        Assert.Equal((SealedCopyProfile.Document, Sealing.File), (copy.Profile, opened.File));
        Assert.Equal(s_content, opened.Content);
        Assert.Equal((Sealing.Certificate.Subject, false, null), (copy.Evidence.Signer, copy.Evidence.HasTimestamp, copy.Evidence.Timestamp));
        Assert.True((Sealing.Now - copy.Evidence.SigningTime).Duration() < TimeSpan.FromSeconds(1));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void a_sealed_key_opens_until_it_expires(string kind)
    {
        using var key = Sealing.Key(s_hour);
        var copy = SealedCopy.Verify(SealedCopy.SealKey(key, Sealing.For(kind), Sealing.Seal, Sealing.Now), Sealing.Trust, Sealing.Now);
        using var opened = copy.OpenKey(Recipient.Of(kind).Certificate, Sealing.Now);

        Assert.Equal(key.Key.Bytes.ToArray(), opened.Key.Bytes.ToArray());
        Assert.Equal(key.Secret.Bytes.ToArray(), opened.Secret.Bytes.ToArray());
        Assert.Equal((key.Identity, key.CiphertextLength, key.File, key.Expires), (opened.Identity, opened.CiphertextLength, opened.File, opened.Expires));
        Assert.Equal(key.CiphertextSha256.ToArray(), opened.CiphertextSha256.ToArray());
        Assert.Equal(key.Commitment.ToArray(), opened.Commitment.ToArray());
        Assert.Equal(CmsFault.Expired, Sealing.FaultOf(() => copy.OpenKey(Recipient.Of(kind).Certificate, key.Expires)));
    }

    [Fact]
    [Trait("Requirement", "R-323")]
    public void a_bit_changed_in_any_byte_is_refused_before_anything_is_decrypted()
    {
        using var key = Sealing.Key(s_hour);
        foreach (var copy in new[] { Sealing.Document(Kind, s_content), SealedCopy.SealKey(key, Sealing.For(Kind), Sealing.Seal, Sealing.Now) })
        {
            for (var at = 0; at < copy.Length; at++)
            {
                var damaged = copy.ToArray();
                damaged[at] ^= (byte)(1 << at % 8);
                Assert.Throws<CmsRefused>(() => SealedCopy.Verify(damaged, Sealing.Trust, Sealing.Now));
            }
        }
    }

    [Fact]
    [Trait("Requirement", "R-323")]
    public void what_is_cut_off_or_goes_on_is_refused()
    {
        var copy = Sealing.Document(Kind, s_content);
        for (var length = 0; length < copy.Length; length += 7)
            Assert.Equal(CmsFault.Unreadable, Sealing.FaultOf(() => SealedCopy.Verify(copy.AsMemory(0, length), Sealing.Trust, Sealing.Now)));
        Assert.Equal(CmsFault.Unreadable, Sealing.FaultOf(() => SealedCopy.Verify((byte[])[.. copy, 0], Sealing.Trust, Sealing.Now)));
        Assert.Equal(CmsFault.TooLarge, Sealing.FaultOf(() => SealedCopy.Verify(new byte[SealedCopy.LongestLength + 1], Sealing.Trust, Sealing.Now)));
    }

    [Theory]
    [InlineData("3084FFFFFFFF06092A864886F70D010702")]
    [InlineData("308406092A864886F70D010702")]
    [InlineData("30847FFFFFF006092A864886F70D010702A0847FFFFFE0")]
    [InlineData("308006092A864886F70D010702A0803080")]
    [Trait("Requirement", "R-323")]
    public void a_length_that_lies_costs_no_memory(string hostile)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(CmsFault.Unreadable, Sealing.FaultOf(() => SealedCopy.Verify(Convert.FromHexString(hostile), Sealing.Trust, Sealing.Now)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void a_seal_that_nobody_trusts_or_out_of_its_time_is_refused()
    {
        using var other = Sealing.MakeCertificate("CN=Somebody");
        using var expired = Sealing.MakeCertificate("CN=Expired", TimeSpan.FromDays(-9), TimeSpan.FromDays(-1));
        Assert.Equal(CmsFault.Untrusted, Sealing.FaultOf(() => SealedCopy.Verify(By(other), Sealing.Trust, Sealing.Now)));
        Assert.Equal(CmsFault.SignerExpired, Sealing.FaultOf(() => SealedCopy.Verify(By(expired), new SealTrust([expired]), Sealing.Now)));
        Assert.Throws<ArgumentException>(() => new Seal(Sealing.MakeCertificate("CN=Cipher", usage: X509KeyUsageFlags.KeyAgreement)));
    }

    [Fact]
    public void a_seal_issued_by_an_authority_is_trusted_through_it()
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=Root", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var root = rootRequest.CreateSelfSigned(Sealing.Now.AddDays(-1), Sealing.Now.AddDays(9));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = new CertificateRequest("CN=Issued seal", key, HashAlgorithmName.SHA256).Create(root, root.NotBefore, root.NotAfter, [7]).CopyWithPrivateKey(key);

        var copy = SealedCopy.SealDocument(Sealing.File, s_content, Sealing.For(Kind), new Seal(issued, [root]), Sealing.Now);
        Assert.Equal("CN=Issued seal", SealedCopy.Verify(copy, new SealTrust([root]), Sealing.Now).Evidence.Signer);
        Assert.Equal("CN=Issued seal", SealedCopy.Verify(copy, new SealTrust([issued]), Sealing.Now).Evidence.Signer);
        Assert.Equal(CmsFault.Untrusted, Sealing.FaultOf(() => SealedCopy.Verify(copy, Sealing.Trust, Sealing.Now)));
    }

    [Fact]
    public void another_recipient_is_named_the_right_one_and_opens_nothing()
    {
        var copy = SealedCopy.Verify(Sealing.Document(Kind, s_content), Sealing.Trust, Sealing.Now);
        var refusal = Assert.Throws<CmsRefused>(() => copy.OpenDocument(Recipient.Of("another").Certificate));
        Assert.Equal(CmsFault.Recipient, refusal.Fault);
        Assert.Contains("CN=Agency P-256", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    [Trait("Requirement", "R-323")]
    public void an_envelope_damaged_before_it_was_sealed_gives_one_and_the_same_answer(string kind)
    {
        var envelope = Envelope.Seal(s_content, Sealing.For(kind));
        Envelope[] damaged =
        [
            envelope with { Tag = Flipped(envelope.Tag) }, envelope with { Nonce = Flipped(envelope.Nonce) }, envelope with { Ciphertext = Flipped(envelope.Ciphertext) },
            envelope with { Key = envelope.Key with { Ciphertext = Flipped(envelope.Key.Ciphertext) } },
            envelope with { Key = envelope.Key with { Ciphertext = envelope.Key.Ciphertext[..^1] } },
        ];
        var answers = damaged.Select(one => Assert.Throws<CmsRefused>(() => Envelope.Read(one.Encode()).Open(Recipient.Of(kind).Certificate))).ToList();
        Assert.All(answers, answer => Assert.Equal((CmsFault.Envelope, answers[0].Message), (answer.Fault, answer.Message)));
    }

    [Fact]
    public void an_ephemeral_point_that_is_not_on_the_curve_gives_the_same_answer()
    {
        var envelope = Envelope.Seal(s_content, Sealing.For(Kind));
        var point = envelope.Key.Ephemeral;
        foreach (var wrong in new[] { Flipped(point), new byte[65], [4, .. new byte[64]], point[..33].ToArray(), Flipped(point).AsSpan(0, 64).ToArray() })
        {
            var broken = envelope with { Key = envelope.Key with { Ephemeral = wrong } };
            Assert.Equal(CmsFault.Envelope, Sealing.FaultOf(() => broken.Open(Recipient.Of(Kind).Certificate)));
        }
    }

    [Fact]
    public void what_was_signed_as_something_else_is_no_sealed_copy()
    {
        var envelope = Envelope.Seal(s_content, Sealing.For(Kind)).Encode();
        Assert.Equal(CmsFault.Kind, FaultOf(SignedMessage.Sign(Sealing.Seal, CmsOid.Receipt, envelope, Sealing.Now)));
        Assert.Equal(CmsFault.Kind, FaultOf(SignedMessage.Sign(Sealing.Seal, CmsOid.ContentInfo, envelope, Sealing.Now)));
        using var key = Sealing.Key(s_hour);
        var sealedKey = SealedCopy.Verify(SealedCopy.SealKey(key, Sealing.For(Kind), Sealing.Seal, Sealing.Now), Sealing.Trust, Sealing.Now);
        Assert.Equal(CmsFault.Kind, Sealing.FaultOf(() => sealedKey.OpenDocument(Recipient.Of(Kind).Certificate)));
    }

    [Fact]
    public void a_description_of_another_document_is_refused_with_the_document()
    {
        var description = Envelope.Seal(DocumentPayload.Write(Sealing.File, s_content.Length + 1), Sealing.For(Kind)).Encode();
        var header = new SealedCopyHeader(SealedCopyProfile.Document, description).Encode();
        var copy = SignedMessage.Sign(Sealing.Seal, CmsOid.ContentInfo, Envelope.Seal(s_content, Sealing.For(Kind)).Encode(), Sealing.Now, header).Encode();
        Assert.Equal(CmsFault.Content, Sealing.FaultOf(() => Sealing.Open(copy, Kind)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../passwd")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    [InlineData("gpj.\u202Eexe")]
    [InlineData(" a")]
    [InlineData("C:a")]
    public void a_name_that_is_more_than_a_files_is_refused(string name)
    {
        Assert.Throws<ArgumentException>(() => SealedCopy.SealDocument(Sealing.File with { FileName = name }, s_content, Sealing.For(Kind), Sealing.Seal, Sealing.Now));
        Assert.Equal(CmsFault.Content, Sealing.FaultOf(() => DocumentPayload.Read(DocumentPayload.Write(Sealing.File with { FileName = name }, 1), 1)));
    }

    [Fact]
    public void a_document_that_is_too_long_goes_by_its_key() => Assert.Throws<ArgumentException>(
        () => SealedCopy.SealDocument(Sealing.File, new byte[SealedCopy.LongestDocument + 1], Sealing.For(Kind), Sealing.Seal, Sealing.Now));

    [Fact]
    public void what_is_read_is_written_again_byte_for_byte()
    {
        var copy = Sealing.Document("RSA-3072", s_content);
        var message = SignedMessage.Read(copy, copy.Length, "a sealed copy");
        Assert.Equal(copy, message.Encode());
        Assert.Equal(message.Content.ToArray(), Envelope.Read(message.Content).Encode());
    }

    private static byte[] By(X509Certificate2 seal) => SealedCopy.SealDocument(Sealing.File, s_content, Sealing.For(Kind), new Seal(seal), Sealing.Now);

    private static CmsFault FaultOf(SignedMessage message) => Sealing.FaultOf(() => SealedCopy.Verify(message.Encode(), Sealing.Trust, Sealing.Now));

    private static byte[] Flipped(ReadOnlyMemory<byte> bytes)
    {
        var flipped = bytes.ToArray();
        flipped[flipped.Length / 2] ^= 1;
        return flipped;
    }
}
