namespace CoffreFort.Cryptography.Cms;

/// <summary>The description of a document (docs/spec/sealed-copy.md §6), as it is written.</summary>
internal sealed record DocumentPayload(string Format, string FileName, string MediaType, long Size, Guid Document, uint Version, Guid ConsentEvent)
{
    private const string Own = "coffrefort/sealed-document/v1";

    public static byte[] Write(SealedFile file, long size) =>
        StrictJson.Write(new DocumentPayload(Own, file.FileName, file.MediaType, size, file.Document, file.Version, file.ConsentEvent));

    public static SealedFile Read(ReadOnlySpan<byte> json, long size)
    {
        var read = StrictJson.Read<DocumentPayload>(json);
        var file = new SealedFile(read.FileName, read.MediaType, read.Document, read.Version, read.ConsentEvent);
        if (read.Format != Own || read.Size != size) throw StrictJson.Refused("its description is not this document's");
        return file.IsSound ? file : throw StrictJson.Refused("its file name or media type is none");
    }
}
