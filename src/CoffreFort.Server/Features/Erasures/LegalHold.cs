namespace CoffreFort.Server.Features.Erasures;

/// <summary>A law or a court forbids to erase for now. It ends by itself.</summary>
/// <param name="Document">The one document that it protects; null for all that the vault holds.</param>
/// <param name="Ground">On what ground, in words that the holder reads.</param>
/// <param name="ReviewOn">When somebody must look whether it is still needed.</param>
/// <param name="Until">When it ends unless it is renewed.</param>
public sealed record LegalHold(Guid? Document, Personal Ground, DateOnly ReviewOn, DateTimeOffset Until)
{
    public bool Protects(Guid document) => Document is null || Document == document;
}
