namespace CoffreFort.Server.Features.Erasures;

/// <summary>How far the erasure of a document or a vault has come, as its holder sees it.</summary>
/// <param name="Subject">The document, or the vault.</param>
/// <param name="Kind">document or vault.</param>
/// <param name="State">pending (it can be taken back), erased (nothing is read any more), destroyed (keys and blobs are gone).</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="TakesEffect">While pending: when it takes effect, a legal hold counted in.</param>
/// <param name="Hold">The legal hold that stands, if one does.</param>
/// <param name="ErasedAt">From when on nothing of it was read.</param>
/// <param name="DestroyedAt">When the keys were destroyed.</param>
/// <param name="FinalAfter">From when on no backup can bring it back.</param>
/// <param name="Certificate">Where the certificate is, once there is one.</param>
public sealed record ErasureView(
    Guid Subject, string Kind, string State, DateTimeOffset RequestedAt, DateTimeOffset? TakesEffect, HoldView? Hold, DateTimeOffset? ErasedAt,
    DateTimeOffset? DestroyedAt, DateTimeOffset? FinalAfter, string? Certificate)
{
    public const string Pending = "pending";
    public const string Erased = "erased";
    public const string Destroyed = "destroyed";
}

/// <summary>A legal hold as the holder sees it.</summary>
/// <param name="Document">What it protects; null for all the vault.</param>
/// <param name="Ground">On what ground; null once erased.</param>
public sealed record HoldView(Guid? Document, string? Ground, DateOnly ReviewOn, DateTimeOffset Until);
