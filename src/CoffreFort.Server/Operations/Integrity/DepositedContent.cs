namespace CoffreFort.Server.Operations.Integrity;

/// <summary>What one event says of stored content, as text: a damaged event must not end a check.</summary>
internal sealed record DepositedContent(long Position, Guid Document, string Version, string Blob, string Length, string Sha256);
