using CoffreFort.Cryptography.Issuers;

namespace CoffreFort.Server.Features.Documents;

/// <summary>Tells what a document is by its first bytes, never by what the sender says: what is shown in a browser must be what it seems.</summary>
public static class MediaTypes
{
    public const string Unknown = "application/octet-stream";

    /// <summary>A signed message. Only the content inside is signed: opened as anything else, a file could show what a stranger put around it.</summary>
    public const string Message = "application/pkcs7-mime";

    /// <summary>What the pages can show in place, from a sandboxed answer.</summary>
    public static IReadOnlySet<string> Previewable { get; } = new HashSet<string> { "application/pdf", "image/jpeg", "image/png", "image/webp", "image/gif" };

    public static string Recognise(ReadOnlySpan<byte> head) => head switch
    {
        [0x25, 0x50, 0x44, 0x46, 0x2D, ..] => "application/pdf",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, ..] => "image/png",
        [0x47, 0x49, 0x46, 0x38, 0x37 or 0x39, 0x61, ..] => "image/gif",
        [0x52, 0x49, 0x46, 0x46, _, _, _, _, 0x57, 0x45, 0x42, 0x50, ..] => "image/webp",
        [0x49, 0x49, 0x2A, 0x00, ..] or [0x4D, 0x4D, 0x00, 0x2A, ..] => "image/tiff",
        [_, _, _, _, 0x66, 0x74, 0x79, 0x70, 0x68, 0x65, 0x69, 0x63 or 0x78, ..] => "image/heic",
        [0x50, 0x4B, 0x03, 0x04, ..] => "application/zip",
        _ => SignatureTrace.IsMessage(head) ? Message : Unknown,
    };
}
