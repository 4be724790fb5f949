namespace CoffreFort.Cryptography.Cms;

/// <summary>The six metadata of NF Z42-020. The hash is that of the ciphertext: one of the plaintext would let forms be guessed.</summary>
/// <param name="ObjectId">The object, such as a document's id and its version's number; at most 128 characters of ASCII.</param>
/// <param name="DepositorId">Who deposited it.</param>
/// <param name="DepositDate">When.</param>
/// <param name="Size">Its length in bytes, in plaintext.</param>
/// <param name="HashAlgorithm">Always <c>SHA-256</c>.</param>
/// <param name="Hash">SHA-256 of the ciphertext, 64 digits of lower-case hex.</param>
public sealed record DepositStatement(string ObjectId, Guid DepositorId, DateTimeOffset DepositDate, long Size, string HashAlgorithm, string Hash)
{
    private const int LongestId = 128;

    internal bool IsSound => ObjectId.Length is > 0 and <= LongestId && ObjectId.All(letter => letter is > ' ' and < '\x7f') && Size >= 0 && HashAlgorithm == "SHA-256"
        && Hash.Length == 64 && Hash.All(char.IsAsciiHexDigitLower);
}
