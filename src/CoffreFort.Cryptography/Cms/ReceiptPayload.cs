namespace CoffreFort.Cryptography.Cms;

/// <summary>A receipt's JSON (docs/spec/receipt.md §6), as it is written.</summary>
internal sealed record ReceiptPayload(string Format, Guid Event, long Position, string LeafHash, DateTimeOffset At)
{
    private const string Own = "coffrefort/receipt/v1";

    public DepositStatement? Deposit { get; init; }

    public AccessStatement? Access { get; init; }

    public ErasureStatement? Erasure { get; init; }

    public static byte[] Write(Receipt receipt) => StrictJson.Write(
        new ReceiptPayload(Own, receipt.Event, receipt.Position, Convert.ToHexStringLower(receipt.LeafHash.Span), receipt.At)
        {
            Deposit = receipt.Deposit,
            Access = receipt.Access,
            Erasure = receipt.Erasure,
        });

    public static Receipt Read(ReadOnlySpan<byte> json)
    {
        var read = StrictJson.Read<ReceiptPayload>(json);
        if (read.Format != Own || !read.LeafHash.All(char.IsAsciiHexDigitLower) || read.LeafHash.Length % 2 != 0) throw StrictJson.Refused("it is not a receipt of this version");
        var receipt = new Receipt(read.Event, read.Position, Convert.FromHexString(read.LeafHash), read.At) { Deposit = read.Deposit, Access = read.Access, Erasure = read.Erasure };
        return receipt.IsSound ? receipt : throw StrictJson.Refused("it states none or several things, or an impossible one");
    }
}
