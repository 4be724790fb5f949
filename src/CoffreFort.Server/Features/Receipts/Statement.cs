using CoffreFort.Cryptography.Cms;
using CoffreFort.EventStore;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.Server.Features.Receipts;

/// <summary>What the receipt of an event states: a deposit, a reading or an erasure, exactly one of them. Opaque ids only.</summary>
public sealed record Statement
{
    public DepositStatement? Deposit { get; private init; }

    public AccessStatement? Access { get; private init; }

    public ErasureStatement? Erasure { get; private init; }

    public static Statement Of(DepositStatement deposit) => new() { Deposit = deposit };

    public static Statement Of(AccessStatement access) => new() { Access = access };

    public static Statement Of(ErasureStatement erasure) => new() { Erasure = erasure };

    /// <summary>What is stated of an event by itself; null for one that has no receipt, or whose receipt its own feature issues.</summary>
    public static Statement? Of(StoredEvent stored) => stored.Body switch
    {
        DocumentDeposited e => Of(Deposited(stored, 1, e.Depositor, e.Content)),
        VersionDeposited e => Of(Deposited(stored, e.Number, e.Depositor, e.Content)),
        DocumentRead e => Of(new AccessStatement(stored.StreamId, checked((uint)e.Version), e.Reader)),
        EvidenceRead e => Of(new AccessStatement(e.Document, checked((uint)e.Version), e.Clerk, e.Agency, stored.StreamId, e.Recipient)),
        KeyDestroyed e => Of(new ErasureStatement(e.Vault, 1, e.Keys, stored.Timestamp, e.FinalAfter, stored.StreamId)),
        VaultKeysDestroyed e => Of(new ErasureStatement(stored.StreamId, e.Documents, e.Keys, stored.Timestamp, e.FinalAfter)),
        _ => null,
    };

    /// <summary>As the receipt of the event.</summary>
    public Receipt On(StoredEvent stored) =>
        new(stored.Id, stored.Position, stored.LeafHash, stored.Timestamp) { Deposit = Deposit, Access = Access, Erasure = Erasure };

    private static DepositStatement Deposited(StoredEvent stored, int version, Guid depositor, StoredContent content) =>
        new($"{stored.StreamId}/versions/{version}", depositor, stored.Timestamp, content.Size, "SHA-256", content.CiphertextSha256);
}
