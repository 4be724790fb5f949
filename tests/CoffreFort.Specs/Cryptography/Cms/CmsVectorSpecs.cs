using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CoffreFort.Cryptography.Cms;
using Xunit.Abstractions;

namespace CoffreFort.Specs.Cryptography.Cms;

/// <summary>What sealed copies and receipts are made of, as this library uses it, against Wycheproof.</summary>
public sealed class CmsVectorSpecs(ITestOutputHelper output)
{
    [Fact]
    [Trait("Requirement", "R-213")]
    public void ecdsa_agrees_with_every_vector() => RunAll("wycheproof/ecdsa_secp256r1_sha256_test.json", (group, test, result) =>
    {
        var key = PublicKey.CreateFromSubjectPublicKeyInfo(Hex(group.GetProperty("publicKeyDer")), out _);
        Assert.Equal(result == "valid", Accepts(() => SignedVerification.Holds(key, Hex(test.GetProperty("msg")), Hex(test.GetProperty("sig")))));
    });

    /// <summary>"Acceptable" is what another form of a right key gives: refusing it is as good.</summary>
    [Fact]
    [Trait("Requirement", "R-213")]
    public void the_agreement_agrees_with_every_vector() => RunAll("wycheproof/ecdh_secp256r1_test.json", (_, test, result) =>
    {
        var shared = Agree(Hex(test.GetProperty("public")), Hex(test.GetProperty("private")));
        if (shared is null) Assert.NotEqual("valid", result);
        else Assert.Equal((true, true), (result != "invalid", shared.AsSpan().SequenceEqual(Hex(test.GetProperty("shared")))));
    });

    [Theory]
    [InlineData(3072)]
    [InlineData(4096)]
    [Trait("Requirement", "R-213")]
    public void rsa_oaep_agrees_with_every_vector(int bits) => RunAll($"wycheproof/rsa_oaep_{bits}_sha256_mgf1sha256_test.json", (group, test, result) =>
    {
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(Hex(group.GetProperty("privateKeyPkcs8")), out _);
        // A label is something that we never write, and so refuse.
        var valid = result == "valid" && test.GetProperty("label").GetString()!.Length == 0;
        var opened = false;
        try
        {
            opened = rsa.Decrypt(Hex(test.GetProperty("ct")), RSAEncryptionPadding.OaepSHA256).AsSpan().SequenceEqual(Hex(test.GetProperty("msg")));
        }
        catch (CryptographicException)
        {
            // Refused.
        }

        Assert.Equal(valid, opened);
    });

    /// <summary>As a certificate's key is taken: on P-256 by name, uncompressed. Null when it is refused.</summary>
    private static byte[]? Agree(byte[] theirs, byte[] own)
    {
        try
        {
            var key = PublicKey.CreateFromSubjectPublicKeyInfo(theirs, out var read);
            if (read != theirs.Length || EllipticKey.CurveOf(key) != CmsOid.P256) return null;
            using var other = EllipticKey.Decode(CmsOid.P256, key.EncodedKeyValue.RawData);
            if (other is null) return null;
            var d = own.AsSpan().TrimStart((byte)0);
            using var mine = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = [.. new byte[32 - d.Length], .. d] });
            return mine.DeriveRawSecretAgreement(other.PublicKey);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static bool Accepts(Func<bool> verify)
    {
        try
        {
            return verify();
        }
        catch (CmsRefused)
        {
            return false;
        }
    }

    private void RunAll(string path, Action<JsonElement, JsonElement, string> check)
    {
        if (!PublicVectors.Available(output)) return;
        using var file = PublicVectors.Read(path);
        var run = 0;
        foreach (var (group, test) in PublicVectors.Tests(file))
        {
            try
            {
                check(group, test, test.GetProperty("result").GetString()!);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"{path}, vector {test.GetProperty("tcId")}: {failure.Message}", failure);
            }

            run++;
        }

        PublicVectors.AssertAllRun(output, path, run, file.RootElement.GetProperty("numberOfTests").GetInt32());
    }

    private static byte[] Hex(JsonElement text) => Convert.FromHexString(text.GetString()!);
}
