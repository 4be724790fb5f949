namespace CoffreFort.Cryptography;

/// <summary>
/// Where a document's ciphertext belongs: it opens nowhere else (docs/spec/container.md §4).
/// </summary>
/// <param name="Vault">The vault that holds the document.</param>
/// <param name="Document">The document.</param>
/// <param name="Version">The version of the document's content; each version has its own key and ciphertext.</param>
public readonly record struct DocumentIdentity(Guid Vault, Guid Document, uint Version)
{
    private static ReadOnlySpan<byte> Label => "coffrefort/doc/v1"u8;

    /// <summary>The container's context bytes: label ‖ 00 ‖ vault ‖ document ‖ version, 54 bytes.</summary>
    public byte[] ContainerContext()
    {
        var context = new byte[Label.Length + 1 + 16 + 16 + 4];
        new ByteLayout(context).Label(Label).Uuid(Vault).Uuid(Document).UInt32(Version).End();
        return context;
    }
}
