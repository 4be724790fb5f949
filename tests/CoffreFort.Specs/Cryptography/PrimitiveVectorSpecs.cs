using System.Security.Cryptography;
using System.Text.Json;
using CoffreFort.Cryptography;
using Xunit.Abstractions;

namespace CoffreFort.Specs.Cryptography;

/// <summary>The platform's primitives, as this library uses them, against Wycheproof.</summary>
public sealed class PrimitiveVectorSpecs(ITestOutputHelper output)
{
    [Fact]
    [Trait("Requirement", "R-213")]
    public void aes_gcm_agrees_with_every_vector() => RunAll("wycheproof/aes_gcm_test.json", (group, test, valid) =>
    {
        var (key, iv, tag) = (Hex(test, "key"), Hex(test, "iv"), Hex(test, "tag"));
        using var aes = new AesGcm(key, tag.Length);
        var plaintext = Hex(test, "msg");
        var ciphertext = new byte[plaintext.Length];
        if (group.GetProperty("ivSize").GetInt32() != 96)
        {
            Assert.Throws<ArgumentException>(() => aes.Encrypt(iv, plaintext, ciphertext, tag));
            return false;
        }
        var aad = Hex(test, "aad");
        var expected = Hex(test, "ct");
        var opened = new byte[plaintext.Length];
        if (!valid)
        {
            Assert.Throws<AuthenticationTagMismatchException>(() => aes.Decrypt(iv, expected, tag, opened, aad));
            return true;
        }
        aes.Decrypt(iv, expected, tag, opened, aad);
        Assert.Equal(plaintext, opened);
        aes.Encrypt(iv, plaintext, ciphertext, tag, aad);
        Assert.Equal(expected, ciphertext);
        Assert.Equal(Hex(test, "tag"), tag);
        return true;
    });

    [Fact]
    [Trait("Requirement", "R-213")]
    public void key_wrap_with_padding_agrees_with_every_vector() => RunAll("wycheproof/aes_kwp_test.json", (_, test, valid) =>
    {
        using var aes = Aes.Create();
        var key = Hex(test, "key");
        aes.SetKey(key);
        var child = Hex(test, "msg");
        var wrapped = Hex(test, "ct");
        if (!valid)
        {
            Assert.Throws<CryptographicFailure>(() => PaddedKeyWrap.Unwrap(key, wrapped));
            return true;
        }
        using var unwrapped = PaddedKeyWrap.Unwrap(key, wrapped);
        Assert.Equal(child, unwrapped.Bytes.ToArray());
        Assert.Equal(wrapped, PaddedKeyWrap.Wrap(key, child));
        // The platform's own says the same.
        Assert.Equal(wrapped, aes.EncryptKeyWrapPadded(child));
        return true;
    });

    [Fact]
    [Trait("Requirement", "R-213")]
    public void hkdf_sha_256_agrees_with_every_vector() => RunAll("wycheproof/hkdf_sha256_test.json", (_, test, valid) =>
        CheckHkdf(test, valid, HashAlgorithmName.SHA256, HkdfExpand.Sha256));

    [Fact]
    [Trait("Requirement", "R-213")]
    public void hkdf_sha_512_agrees_with_every_vector() => RunAll("wycheproof/hkdf_sha512_test.json", (_, test, valid) =>
        CheckHkdf(test, valid, HashAlgorithmName.SHA512, HkdfExpand.Sha512));

    [Fact]
    [Trait("Requirement", "R-213")]
    public void hmac_sha_256_agrees_with_every_vector() => RunAll("wycheproof/hmac_sha256_test.json", (_, test, valid) =>
    {
        var tag = Hex(test, "tag");
        var computed = HMACSHA256.HashData(Hex(test, "key"), Hex(test, "msg"));
        Assert.Equal(valid, CryptographicOperations.FixedTimeEquals(tag, computed.AsSpan(0, tag.Length)));
        return true;
    });

    private delegate void Expand(ReadOnlySpan<byte> key, ReadOnlySpan<byte> info, Span<byte> output);

    private static bool CheckHkdf(JsonElement test, bool valid, HashAlgorithmName hash, Expand expand)
    {
        var key = HKDF.Extract(hash, Hex(test, "ikm"), Hex(test, "salt"));
        var derived = new byte[test.GetProperty("size").GetInt32()];
        if (!valid)
        {
            Assert.ThrowsAny<ArgumentException>(() => expand(key, Hex(test, "info"), derived));
            return true;
        }
        expand(key, Hex(test, "info"), derived);
        Assert.Equal(Hex(test, "okm"), derived);
        return true;
    }

    /// <summary>Runs every vector; the check says false for one that the platform does not support and has refused.</summary>
    private void RunAll(string path, Func<JsonElement, JsonElement, bool, bool> check)
    {
        if (!PublicVectors.Available(output))
            return;
        using var file = PublicVectors.Read(path);
        var (run, refused) = (0, 0);
        foreach (var (group, test) in PublicVectors.Tests(file))
        {
            try
            {
                if (!check(group, test, test.GetProperty("result").GetString() == "valid"))
                    refused++;
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"{path}, vector {test.GetProperty("tcId")}: {failure.Message}", failure);
            }
            run++;
        }
        PublicVectors.AssertAllRun(
            output, path, run, file.RootElement.GetProperty("numberOfTests").GetInt32(), refused == 0 ? "" : $", {refused} of them unsupported and refused");
    }

    private static byte[] Hex(JsonElement test, string name) => Convert.FromHexString(test.GetProperty(name).GetString()!);
}
