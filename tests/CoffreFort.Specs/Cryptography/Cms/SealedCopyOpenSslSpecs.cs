using System.Globalization;
using System.Security.Cryptography;
using CoffreFort.Cryptography.Cms;
using Xunit.Abstractions;

namespace CoffreFort.Specs.Cryptography.Cms;

/// <summary>What we seal opens with stock openssl, byte for byte, and what it seals opens here; <c>scripts/chaos seals</c> runs more of each.</summary>
public sealed class SealedCopyOpenSslSpecs(ITestOutputHelper output) : IDisposable
{
    private const string Verify = "cms -verify -cades -inform DER -in copy.p7m -CAfile seal.pem -binary -out envelope.der";
    private const string Decrypt = "cms -decrypt -inform DER -in envelope.der -recip agency.pem -inkey agency.pem -binary -out document";

    private readonly OpenSsl _openssl = new();

    /// <summary>Seals of each of the four kinds of keys.</summary>
    private static int Seals => int.Parse(Environment.GetEnvironmentVariable("COFFREFORT_CHAOS_SEALS") is { Length: > 0 } seals ? seals : "10", CultureInfo.InvariantCulture);

    public static TheoryData<string> Kinds => [.. Recipient.Kinds];

    public void Dispose() => _openssl.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    [Trait("Requirement", "R-320")]
    public void a_sealed_document_opens_with_openssl_and_a_damaged_one_does_not(string kind)
    {
        Prepare(kind);
        for (var i = 0; i < Seals; i++)
        {
            var content = RandomNumberGenerator.GetBytes(i == 0 ? 0 : Random.Shared.Next(1, 200_000));
            var copy = Sealing.Document(kind, content);
            _openssl.Write("copy.p7m", copy);
            _openssl.Run(Verify);
            _openssl.Run(Decrypt);
            Assert.Equal(content, _openssl.Read("document"));
            Assert.Equal(content, Sealing.Open(copy, kind).Content);

            Damage(copy, kind);
        }

        output.WriteLine($"{Seals} sealed for {kind}, as many damaged.");
    }

    /// <summary>One bit anywhere is refused here. Openssl refuses one in what is signed and, should somebody skip that step, in what the tag covers.</summary>
    private void Damage(byte[] copy, string kind)
    {
        var damaged = copy.ToArray();
        damaged[Random.Shared.Next(damaged.Length)] ^= (byte)(1 << Random.Shared.Next(8));
        Assert.ThrowsAny<CmsRefused>(() => Sealing.Open(damaged, kind));

        var message = SignedMessage.Read(copy, copy.Length, "a sealed copy");
        damaged = copy.ToArray();
        damaged[copy.AsSpan().IndexOf(message.Content.Span) + Random.Shared.Next(message.Content.Length)] ^= (byte)(1 << Random.Shared.Next(8));
        _openssl.Write("copy.p7m", damaged);
        Assert.True(_openssl.Fails(Verify));

        var envelope = Envelope.Read(message.Content);
        var tag = envelope.Tag.ToArray();
        tag[Random.Shared.Next(tag.Length)] ^= 1;
        _openssl.Write("envelope.der", (envelope with { Tag = tag }).Encode());
        Assert.True(_openssl.Fails(Decrypt));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    [Trait("Requirement", "R-321")]
    public void what_openssl_encrypts_opens_here(string kind)
    {
        Prepare(kind);
        var options = kind.StartsWith("RSA", StringComparison.Ordinal)
            ? "-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha256"
            : "-keyopt ecdh_kdf_md:sha256";
        for (var i = 0; i < Math.Max(1, Seals / 4); i++)
        {
            var content = RandomNumberGenerator.GetBytes(Random.Shared.Next(1, 200_000));
            _openssl.Write("document", content);
            _openssl.Run($"cms -encrypt -binary -aes-256-gcm {(i % 2 == 0 ? "" : "-keyid")} -in document -outform DER -out envelope.der -recip agency.pem {options}");
            Assert.Equal(content, Envelope.Read(_openssl.Read("envelope.der")).Open(Recipient.Of(kind).Certificate));
        }
    }

    [Theory]
    [InlineData("RSA-3072", "-aes-256-gcm")]
    [InlineData("RSA-3072", "-aes-256-gcm -keyopt rsa_padding_mode:oaep")]
    [InlineData("RSA-3072", "-aes-256-gcm -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha1")]
    [InlineData("RSA-3072", "-aes-256-cbc -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha256")]
    [InlineData("RSA-3072", "-aes-128-gcm -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha256")]
    [InlineData("P-256", "-aes-256-gcm")]
    [InlineData("P-256", "-aes-256-gcm -keyopt ecdh_kdf_md:sha384")]
    [InlineData("P-256", "-aes-128-gcm -keyopt ecdh_kdf_md:sha256")]
    [Trait("Requirement", "R-322")]
    public void what_openssl_encrypts_in_any_weaker_way_is_refused(string kind, string options)
    {
        Prepare(kind);
        _openssl.Write("document", "a document");
        var (cipher, keys) = (options.Split(' ')[0], string.Join(' ', options.Split(' ').Skip(1)));
        _openssl.Run($"cms -encrypt -binary {cipher} -in document -outform DER -out envelope.der -recip agency.pem {keys}");

        Assert.Equal(CmsFault.Algorithm, Sealing.FaultOf(() => Envelope.Read(_openssl.Read("envelope.der"))));
    }

    private void Prepare(string kind)
    {
        _openssl.Write("seal.pem", Sealing.Certificate.ExportCertificatePem());
        _openssl.Write("agency.pem", Recipient.Of(kind).Pem);
    }
}
