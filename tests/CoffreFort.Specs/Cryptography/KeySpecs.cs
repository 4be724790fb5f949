using System.Security.Cryptography;
using CoffreFort.Cryptography;
using FsCheck;
using FsCheck.Fluent;

namespace CoffreFort.Specs.Cryptography;

public sealed class KeySpecs
{
    private static readonly Guid s_vault = new("0190b2a4-7c00-7000-8000-000000000001");
    private static readonly Guid s_document = new("0190b2a4-7c00-7000-8000-000000000002");

    [Fact]
    public void a_disposed_key_is_cleared_and_refuses_to_be_read()
    {
        var key = SecretKey.CopyOf([1, 2, 3]);
        var bytes = key.Bytes;
        key.Dispose();
        Assert.Equal([0, 0, 0], bytes.ToArray());
        Assert.Throws<ObjectDisposedException>(() => key.Bytes.Length);
        key.Dispose();
    }

    [Fact]
    public void a_key_never_shows_its_bytes()
    {
        using var key = SecretKey.CopyOf("0123456789abcdef0123456789abcdef"u8);
        Assert.Equal("SecretKey(32 bytes)", key.ToString());
        Assert.Throws<ArgumentException>(() => SecretKey.CopyOf([]));
        using var generated = SecretKey.Generate();
        Assert.Equal(32, generated.Bytes.Length);
        Assert.True(generated.Bytes.ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void a_wrapped_key_is_the_published_construction()
    {
        using var parent = SecretKey.Generate();
        using var child = SecretKey.Generate();
        byte[] info =
        [
            .. "coffrefort/kek/v1\0"u8, 2, .. s_vault.ToByteArray(bigEndian: true), .. s_document.ToByteArray(bigEndian: true), 0, 0, 1, 2,
        ];
        using var aes = Aes.Create();
        aes.SetKey(HKDF.Expand(HashAlgorithmName.SHA256, parent.Bytes.ToArray(), 32, info));
        var wrapped = KeyWrapping.Wrap(parent, KeyPurpose.Document, s_vault, s_document, 258, child);
        Assert.Equal(40, wrapped.Length);
        Assert.Equal(child.Bytes.ToArray(), aes.DecryptKeyWrapPadded(wrapped));
    }

    [Fact]
    public void keys_of_every_length_wrap_and_unwrap() => Prop.ForAll(Gen.Choose(1, 1008).ToArbitrary(), length =>
    {
        using var parent = SecretKey.Generate();
        using var child = SecretKey.CopyOf(RandomNumberGenerator.GetBytes(length));
        var wrapped = KeyWrapping.Wrap(parent, KeyPurpose.Vault, s_vault, s_vault, 1, child);
        using var unwrapped = KeyWrapping.Unwrap(parent, KeyPurpose.Vault, s_vault, s_vault, 1, wrapped);
        return unwrapped.Bytes.SequenceEqual(child.Bytes);
    }).QuickCheckThrowOnFailure();

    [Fact]
    [Trait("Requirement", "R-215")]
    public void a_key_wrapped_for_one_place_unwraps_in_no_other()
    {
        using var parent = SecretKey.Generate();
        using var other = SecretKey.Generate();
        using var tooShort = SecretKey.CopyOf(new byte[16]);
        using var child = SecretKey.Generate();
        var wrapped = KeyWrapping.Wrap(parent, KeyPurpose.Document, s_vault, s_document, 1, child);

        foreach (var purpose in new[] { KeyPurpose.Vault, KeyPurpose.Subject, KeyPurpose.Commitment })
            Assert.Throws<CryptographicFailure>(() => KeyWrapping.Unwrap(parent, purpose, s_vault, s_document, 1, wrapped));
        Assert.Throws<CryptographicFailure>(() => KeyWrapping.Unwrap(parent, KeyPurpose.Document, s_document, s_vault, 1, wrapped));
        Assert.Throws<CryptographicFailure>(() => KeyWrapping.Unwrap(parent, KeyPurpose.Document, s_document, s_document, 1, wrapped));
        Assert.Throws<CryptographicFailure>(() => KeyWrapping.Unwrap(parent, KeyPurpose.Document, s_vault, s_vault, 1, wrapped));
        Assert.Throws<CryptographicFailure>(() => KeyWrapping.Unwrap(parent, KeyPurpose.Document, s_vault, s_document, 2, wrapped));
        Assert.Throws<CryptographicFailure>(() => KeyWrapping.Unwrap(other, KeyPurpose.Document, s_vault, s_document, 1, wrapped));
        Assert.Throws<CryptographicFailure>(() => KeyWrapping.Unwrap(tooShort, KeyPurpose.Document, s_vault, s_document, 1, wrapped));
        using var unwrapped = KeyWrapping.Unwrap(parent, KeyPurpose.Document, s_vault, s_document, 1, wrapped);
        Assert.Equal(child.Bytes.ToArray(), unwrapped.Bytes.ToArray());
    }

    [Fact]
    public void every_flipped_bit_and_every_other_length_of_a_wrapped_key_is_refused()
    {
        using var parent = SecretKey.Generate();
        using var child = SecretKey.Generate();
        var wrapped = KeyWrapping.Wrap(parent, KeyPurpose.Subject, s_vault, s_vault, 1, child);
        for (var bit = 0; bit < wrapped.Length * 8; bit++)
        {
            wrapped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<CryptographicFailure>(() => KeyWrapping.Unwrap(parent, KeyPurpose.Subject, s_vault, s_vault, 1, wrapped));
            wrapped[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        for (var length = 0; length < wrapped.Length; length++)
            Assert.Throws<CryptographicFailure>(() => KeyWrapping.Unwrap(parent, KeyPurpose.Subject, s_vault, s_vault, 1, wrapped.AsSpan(0, length)));
        Assert.Throws<CryptographicFailure>(() => KeyWrapping.Unwrap(parent, KeyPurpose.Subject, s_vault, s_vault, 1, new byte[2048]));
    }

    [Fact]
    public void every_failure_reads_the_same()
    {
        using var key = SecretKey.Generate();
        var failures = new Action[]
        {
            () => KeyWrapping.Unwrap(key, KeyPurpose.Vault, s_vault, s_vault, 1, new byte[40]),
            () => KeyWrapping.Unwrap(key, KeyPurpose.Vault, s_vault, s_vault, 1, new byte[3]),
            () => ContainerLayout.PlaintextLength(7),
            () => PersonalEnvelope.Open(key, s_vault, 1, new(s_vault, "x", s_vault, 1), new byte[80]),
        }.Select(broken => Assert.Throws<CryptographicFailure>(broken)).ToList();
        Assert.Single(failures.Select(failure => failure.Message).Distinct());
        Assert.All(failures, failure => Assert.Null(failure.InnerException));
    }
}
