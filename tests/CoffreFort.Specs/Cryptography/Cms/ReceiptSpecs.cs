using CoffreFort.Cryptography;
using CoffreFort.Cryptography.Cms;
using CoffreFort.IntegrationTests.Checkpoints;

namespace CoffreFort.Specs.Cryptography.Cms;

/// <summary>Receipts, here and with stock openssl.</summary>
public sealed class ReceiptSpecs : IDisposable
{
    private const string Verify = "cms -verify -cades -inform DER -in receipt.p7m -CAfile seal.pem -binary -out receipt.json";

    private static readonly string s_hash = new('a', 64);

    private readonly OpenSsl _openssl = new();

    private static int Receipts => Environment.GetEnvironmentVariable("COFFREFORT_CHAOS_SEALS") is { Length: > 0 } ? 100 : 12;

    public static TheoryData<string> Statements => ["deposit", "access", "erasure"];

    public void Dispose() => _openssl.Dispose();

    [Theory]
    [MemberData(nameof(Statements))]
    [Trait("Requirement", "R-324")]
    public void a_receipt_passes_openssls_verification_and_a_damaged_one_fails(string statement)
    {
        _openssl.Write("seal.pem", Sealing.Certificate.ExportCertificatePem());
        for (var i = 0; i < Receipts / 3 + 1; i++)
        {
            var stated = Of(statement, i + 1);
            var receipt = SealedReceipt.Make(stated, Sealing.Seal, Sealing.Now);
            _openssl.Write("receipt.p7m", receipt);
            _openssl.Run(Verify);
            Assert.Equal(ReceiptPayload.Write(stated), _openssl.Read("receipt.json"));
            var verified = SealedReceipt.Verify(receipt, Sealing.Trust, Sealing.Now);
            Assert.Equal(ReceiptPayload.Write(stated), ReceiptPayload.Write(verified.Receipt));

            var content = SignedMessage.Read(receipt, receipt.Length, "a receipt").Content;
            receipt[receipt.AsSpan().IndexOf(content.Span) + Random.Shared.Next(content.Length)] ^= (byte)(1 << Random.Shared.Next(8));
            _openssl.Write("receipt.p7m", receipt);
            Assert.True(_openssl.Fails(Verify));
            Assert.Equal(CmsFault.Signature, Sealing.FaultOf(() => SealedReceipt.Verify(receipt, Sealing.Trust, Sealing.Now)));
        }
    }

    [Fact]
    [Trait("Requirement", "R-324")]
    public void a_bit_changed_in_any_byte_of_a_receipt_is_refused()
    {
        var receipt = SealedReceipt.Make(Of("deposit", 1), Sealing.Seal, Sealing.Now);
        for (var at = 0; at < 2 * receipt.Length; at++)
        {
            var damaged = receipt.ToArray();
            // At each byte any bit, and the one that says in a tag whether a value is constructed: no part of what a signature is computed over.
            damaged[at / 2] ^= at % 2 == 0 ? (byte)(1 << at / 2 % 8) : (byte)0x20;
            Assert.Throws<CmsRefused>(() => SealedReceipt.Verify(damaged, Sealing.Trust, Sealing.Now));
        }
    }

    [Fact]
    public void a_receipt_signed_by_openssl_verifies_here()
    {
        var stated = Of("access", 7);
        _openssl.Write("seal.pem", Sealing.Certificate.ExportCertificatePem() + "\n" + KeyPem());
        _openssl.Write("receipt.json", ReceiptPayload.Write(stated));
        _openssl.Run($"cms -sign -cades -md sha256 -binary -nodetach -in receipt.json -econtent_type {CmsOid.Receipt} -signer seal.pem -outform DER -out receipt.p7m");
        var verified = SealedReceipt.Verify(_openssl.Read("receipt.p7m"), Sealing.Trust, DateTimeOffset.UtcNow);
        Assert.Equal(ReceiptPayload.Write(stated), ReceiptPayload.Write(verified.Receipt));

        // Without the attribute that names the certificate, and over another hash.
        _openssl.Run($"cms -sign -md sha256 -binary -nodetach -in receipt.json -econtent_type {CmsOid.Receipt} -signer seal.pem -outform DER -out receipt.p7m");
        Assert.Equal(CmsFault.Unreadable, Sealing.FaultOf(() => SealedReceipt.Verify(_openssl.Read("receipt.p7m"), Sealing.Trust, Sealing.Now)));
        _openssl.Run($"cms -sign -cades -md sha384 -binary -nodetach -in receipt.json -econtent_type {CmsOid.Receipt} -signer seal.pem -outform DER -out receipt.p7m");
        Assert.Equal(CmsFault.Algorithm, Sealing.FaultOf(() => SealedReceipt.Verify(_openssl.Read("receipt.p7m"), Sealing.Trust, Sealing.Now)));
    }

    [Fact]
    [Trait("Requirement", "R-324")]
    public void a_timestamp_over_the_signature_outlives_the_certificate_and_passes_openssl()
    {
        var authority = OpenSslAuthority.Shared;
        var plain = SealedReceipt.Make(Of("erasure", 9), Sealing.Seal, Sealing.Now);
        var request = SignatureTimestamp.Ask(plain, authority.Trust);
        var timestamp = request.Accept(authority.Reply(request.ToBytes()), Sealing.Now, DateTimeOffset.UtcNow);
        var receipt = SignatureTimestamp.Attach(plain, timestamp);

        _openssl.Write("seal.pem", Sealing.Certificate.ExportCertificatePem());
        _openssl.Write("receipt.p7m", receipt);
        _openssl.Run(Verify);
        var later = DateTimeOffset.UtcNow.AddYears(5);
        var evidence = SealedReceipt.Verify(receipt, Sealing.Trust with { Timestamps = authority.Trust }, later).Evidence;
        Assert.Equal((true, timestamp.Time), (evidence.HasTimestamp, evidence.Timestamp?.Time));
        Assert.Equal(CmsFault.SignerExpired, Sealing.FaultOf(() => SealedReceipt.Verify(receipt, Sealing.Trust, later)));
        Assert.Equal(CmsFault.SignerExpired, Sealing.FaultOf(() => SealedReceipt.Verify(plain, Sealing.Trust with { Timestamps = authority.Trust }, later)));
        Assert.Null(SealedReceipt.Verify(receipt, Sealing.Trust, DateTimeOffset.UtcNow).Evidence.Timestamp);
    }

    [Fact]
    [Trait("Requirement", "R-324")]
    public void a_timestamp_over_something_else_or_by_nobody_trusted_is_refused()
    {
        var receipt = SealedReceipt.Make(Of("deposit", 1), Sealing.Seal, Sealing.Now);
        var other = new TimestampRequest("something else"u8, OpenSslAuthority.Shared.Trust);
        var timestamp = other.Accept(OpenSslAuthority.Shared.Reply(other.ToBytes()), Sealing.Now, DateTimeOffset.UtcNow);
        Assert.Equal(TimestampFault.Imprint, Assert.Throws<TimestampRefused>(() => SignatureTimestamp.Attach(receipt, timestamp)).Fault);

        var forced = (SignedMessage.Read(receipt, receipt.Length, "a receipt") with { Timestamp = timestamp.Token }).Encode();
        Assert.Equal(CmsFault.Timestamp, Sealing.FaultOf(() => SealedReceipt.Verify(forced, Sealing.Trust, Sealing.Now)));
        var request = SignatureTimestamp.Ask(receipt, OpenSslAuthority.Shared.Trust);
        var good = SignatureTimestamp.Attach(receipt, request.Accept(OpenSslAuthority.Shared.Reply(request.ToBytes()), Sealing.Now, DateTimeOffset.UtcNow));
        var nobody = new TimestampTrust([Sealing.Certificate], null, TimeSpan.FromMinutes(1));
        Assert.Equal(CmsFault.Timestamp, Sealing.FaultOf(() => SealedReceipt.Verify(good, Sealing.Trust with { Timestamps = nobody }, Sealing.Now)));
    }

    [Fact]
    public void a_receipt_states_exactly_one_thing_and_a_possible_one()
    {
        var deposit = Of("deposit", 1);
        Receipt[] impossible =
        [
            deposit with { Deposit = null }, deposit with { Access = Of("access", 1).Access }, deposit with { Position = 0 }, deposit with { LeafHash = new byte[31] },
            deposit with { Deposit = deposit.Deposit! with { HashAlgorithm = "MD5" } }, deposit with { Deposit = deposit.Deposit! with { Hash = "00" } },
            Of("erasure", 1) with { Erasure = Of("erasure", 1).Erasure! with { FinalAt = DateTimeOffset.UnixEpoch } },
        ];
        Assert.All(impossible, one => Assert.Throws<ArgumentException>(() => SealedReceipt.Make(one, Sealing.Seal, Sealing.Now)));
        Assert.All(impossible, one => Assert.Equal(CmsFault.Content, Sealing.FaultOf(() => ReceiptPayload.Read(ReceiptPayload.Write(one)))));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"format":"coffrefort/receipt/v2"}""")]
    public void signed_json_of_another_form_is_refused(string json)
    {
        var receipt = SignedMessage.Sign(Sealing.Seal, CmsOid.Receipt, System.Text.Encoding.UTF8.GetBytes(json), Sealing.Now).Encode();
        Assert.Equal(CmsFault.Content, Sealing.FaultOf(() => SealedReceipt.Verify(receipt, Sealing.Trust, Sealing.Now)));
    }

    [Fact]
    public void a_sealed_copy_is_no_receipt() =>
        Assert.Equal(CmsFault.Kind, Sealing.FaultOf(() => SealedReceipt.Verify(Sealing.Document("P-256", [1]), Sealing.Trust, Sealing.Now)));

    private static string KeyPem()
    {
        using var key = System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions.GetECDsaPrivateKey(Sealing.Certificate)!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static Receipt Of(string statement, long position)
    {
        var receipt = new Receipt(Guid.CreateVersion7(), position, new byte[32], Sealing.Now);
        return statement switch
        {
            "deposit" => receipt with { Deposit = new DepositStatement($"{Guid.CreateVersion7()}/versions/1", Guid.NewGuid(), Sealing.Now, 120_000, "SHA-256", s_hash) },
            "access" => receipt with { Access = new AccessStatement(Guid.NewGuid(), 2, Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), s_hash) },
            _ => receipt with { Erasure = new ErasureStatement(Guid.NewGuid(), 1, 3, Sealing.Now, Sealing.Now.AddDays(38), Guid.NewGuid()) },
        };
    }
}
