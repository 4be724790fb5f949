namespace CoffreFort.Cryptography.Issuers;

/// <summary>What is known of the signature that a document brings along. Only <see cref="Valid"/> lets anybody rely on it.</summary>
public enum IssuerVerdict
{
    /// <summary>There is no signature.</summary>
    None,

    /// <summary>The document is what was signed, and the signer is an issuer who is listed for documents of this kind.</summary>
    Valid,

    /// <summary>The document is what was signed, and nobody here vouches for who signed it.</summary>
    Unrecognised,

    /// <summary>The document is not what was signed, or the signature is damaged.</summary>
    Broken,

    /// <summary>There is a signature that is not checked here: neither that it holds nor that it does not was found.</summary>
    Unchecked,
}
