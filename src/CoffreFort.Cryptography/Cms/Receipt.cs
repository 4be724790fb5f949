namespace CoffreFort.Cryptography.Cms;

/// <summary>What a receipt states: an event of the journal, and what it did. Opaque ids only, never a name, a title or a text (docs/spec/receipt.md §6).</summary>
/// <remarks>Exactly one of <see cref="Deposit"/>, <see cref="Access"/> and <see cref="Erasure"/> is there.</remarks>
/// <param name="Event">The event.</param>
/// <param name="Position">Its position in the journal, from 1.</param>
/// <param name="LeafHash">Its leaf in the journal's tree, 32 bytes (RFC 6962).</param>
/// <param name="At">When it was recorded, in journal time.</param>
public sealed record Receipt(Guid Event, long Position, ReadOnlyMemory<byte> LeafHash, DateTimeOffset At)
{
    /// <summary>What was deposited.</summary>
    public DepositStatement? Deposit { get; init; }

    /// <summary>What was read, by whom.</summary>
    public AccessStatement? Access { get; init; }

    /// <summary>What was erased.</summary>
    public ErasureStatement? Erasure { get; init; }

    internal bool IsSound => Position > 0 && LeafHash.Length == 32
        && new object?[] { Deposit, Access, Erasure }.Count(statement => statement is not null) == 1
        && (Deposit is null || Deposit.IsSound) && (Erasure is null || Erasure.FinalAt >= Erasure.ErasedAt);
}
