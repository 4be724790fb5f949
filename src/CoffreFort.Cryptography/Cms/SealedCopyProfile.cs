namespace CoffreFort.Cryptography.Cms;

/// <summary>What a sealed copy holds. The numbers are part of the format.</summary>
public enum SealedCopyProfile
{
    /// <summary>The document itself.</summary>
    Document = 1,

    /// <summary>The key of a document whose ciphertext is fetched apart.</summary>
    Key = 2,
}
