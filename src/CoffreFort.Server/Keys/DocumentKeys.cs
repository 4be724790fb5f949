using CoffreFort.Cryptography;

namespace CoffreFort.Server.Keys;

/// <summary>The two keys of one document version: for its one ciphertext, and for the commitment to its plaintext.</summary>
public sealed record DocumentKeys(SecretKey Content, SecretKey Commitment) : IDisposable
{
    public void Dispose()
    {
        Content.Dispose();
        Commitment.Dispose();
    }
}
