using CoffreFort.Cryptography;

namespace CoffreFort.Server.Keys;

/// <summary>The two keys of one document version: for its one ciphertext, and for the commitment to its plaintext.</summary>
/// <param name="Texts">The key of the document's own texts, when it was made with them; the caller of <see cref="KeyStore.CreateDocumentAsync"/> disposes of it by itself.</param>
public sealed record DocumentKeys(SecretKey Content, SecretKey Commitment, SubjectKey? Texts) : IDisposable
{
    public void Dispose()
    {
        Content.Dispose();
        Commitment.Dispose();
    }
}
