using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Specs.Cryptography.Cms;

/// <summary>RFC 3394 §4: its six examples.</summary>
public sealed class AesKeyWrapSpecs
{
    private const string Key128 = "000102030405060708090A0B0C0D0E0F";
    private const string Key192 = Key128 + "1011121314151617";
    private const string Key256 = Key192 + "18191A1B1C1D1E1F";
    private const string Data128 = "00112233445566778899AABBCCDDEEFF";
    private const string Data192 = Data128 + "0001020304050607";
    private const string Data256 = Data192 + "08090A0B0C0D0E0F";

    [Theory]
    [InlineData(Key128, Data128, "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5")]
    [InlineData(Key192, Data128, "96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D")]
    [InlineData(Key256, Data128, "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7")]
    [InlineData(Key192, Data192, "031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2")]
    [InlineData(Key256, Data192, "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1")]
    [InlineData(Key256, Data256, "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21")]
    [Trait("Requirement", "R-213")]
    public void key_wrap_agrees_with_the_published_examples(string wrappingKey, string key, string wrapped)
    {
        Assert.Equal(wrapped, Convert.ToHexString(AesKeyWrap.Wrap(Convert.FromHexString(wrappingKey), Convert.FromHexString(key))));
        using var unwrapped = AesKeyWrap.Unwrap(Convert.FromHexString(wrappingKey), Convert.FromHexString(wrapped));
        Assert.Equal(key, Convert.ToHexString(unwrapped!.Bytes));
    }

    [Fact]
    public void a_wrapped_key_with_any_bit_changed_or_of_any_other_length_does_not_unwrap()
    {
        var (wrappingKey, wrapped) = (Convert.FromHexString(Key256), AesKeyWrap.Wrap(Convert.FromHexString(Key256), Convert.FromHexString(Data256)));
        for (var bit = 0; bit < wrapped.Length * 8; bit++)
        {
            var damaged = wrapped.ToArray();
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.Null(AesKeyWrap.Unwrap(wrappingKey, damaged));
        }

        for (var length = 0; length < wrapped.Length; length++) Assert.Null(AesKeyWrap.Unwrap(wrappingKey, wrapped.AsSpan(0, length)));
    }
}
