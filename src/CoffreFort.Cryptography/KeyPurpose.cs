namespace CoffreFort.Cryptography;

/// <summary>What a wrapped key is for; part of what binds it to its place (docs/spec/keys.md §2). The numbers are stored: never reuse one.</summary>
public enum KeyPurpose : byte
{
    /// <summary>A vault key, wrapped by an epoch key.</summary>
    Vault = 1,

    /// <summary>A document key, wrapped by a vault key.</summary>
    Document = 2,

    /// <summary>The key of the personal fields inside events, wrapped by a vault key.</summary>
    Subject = 3,

    /// <summary>A document's commitment secret, wrapped by a vault key.</summary>
    Commitment = 4,
}
