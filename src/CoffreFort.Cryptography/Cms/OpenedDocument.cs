namespace CoffreFort.Cryptography.Cms;

/// <summary>A document out of a sealed copy, released after the signature and the tag were verified.</summary>
/// <param name="File">What the copy says of it.</param>
/// <param name="Content">The document; clearing it is the caller's business.</param>
public sealed record OpenedDocument(SealedFile File, byte[] Content);
