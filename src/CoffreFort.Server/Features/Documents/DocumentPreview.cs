namespace CoffreFort.Server.Features.Documents;

/// <summary>What <c>_DocumentPreview</c> needs to show a document in place: <c>&lt;partial name="_DocumentPreview" model="…" /&gt;</c>.</summary>
/// <param name="Content">Where its bytes are, to be shown in place; each fetch is one recorded reading.</param>
/// <param name="Download">Where its bytes are, to be saved; null when only viewing is allowed.</param>
/// <param name="MediaType">As the journal has it.</param>
public sealed record DocumentPreview(string Content, string? Download, string MediaType, long Size, string Title)
{
    /// <summary>What a browser's tab can hold, and what is verified whole before its first byte leaves.</summary>
    public const long Longest = 64L << 20;

    public bool CanBeShown => MediaTypes.Previewable.Contains(MediaType) && Size <= Longest;

    /// <summary>A sandboxed answer shows pictures by itself; browsers refuse to show a sandboxed PDF.</summary>
    public bool OpensWithoutScript => CanBeShown && MediaType.StartsWith("image/", StringComparison.Ordinal);
}
