using System.Numerics;
using CoffreFort.Transparency;

namespace CoffreFort.Specs.Transparency;

/// <summary>Ed25519 as RFC 8032 has it; verifying starts no program where the machine has OpenSSL's library.</summary>
public sealed class Ed25519Specs
{
    // A program that is not there: whatever runs one fails.
    private static readonly Ed25519 verifier = new(OperatingSystem.IsLinux() ? "no-such-program" : "openssl");

    /// <summary>The vectors of RFC 8032 §7.1, tests 1 to 3: public key, message, signature.</summary>
    public static TheoryData<string, string, string> Vectors => new()
    {
        { "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "", "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
        { "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72", "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
        { "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task the_published_vectors_hold_and_no_changed_one_does(string key, string message, string signature)
    {
        var (publicKey, content, signed) = (Convert.FromHexString(key), Convert.FromHexString(message), Convert.FromHexString(signature));
        Assert.True(await verifier.VerifyAsync(publicKey, content, signed));
        Assert.False(await verifier.VerifyAsync(publicKey, (byte[])[.. content, 0], signed));
        for (var i = 0; i < signed.Length; i++) Assert.False(await verifier.VerifyAsync(publicKey, content, Flipped(signed, i)));
        for (var i = 0; i < publicKey.Length; i++) Assert.False(await verifier.VerifyAsync(Flipped(publicKey, i), content, signed));
        Assert.False(await verifier.VerifyAsync(publicKey.AsMemory(1), content, signed));
        Assert.False(await verifier.VerifyAsync(publicKey, content, signed.AsMemory(1)));
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task a_second_form_of_a_signature_is_none(string key, string message, string signature)
    {
        var signed = Convert.FromHexString(signature);
        // RFC 8032 §5.1.7: the second half is below the order of the group. The same number plus the order would verify where that is not looked at.
        var order = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);
        var second = (new BigInteger(signed.AsSpan(32), isUnsigned: true) + order).ToByteArray(isUnsigned: true);
        Array.Resize(ref second, 32);
        Assert.False(await verifier.VerifyAsync(Convert.FromHexString(key), Convert.FromHexString(message), (byte[])[.. signed[..32], .. second]));
    }

    private static byte[] Flipped(byte[] bytes, int at)
    {
        var changed = bytes.ToArray();
        changed[at] ^= 1;
        return changed;
    }
}
