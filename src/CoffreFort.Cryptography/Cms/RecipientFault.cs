namespace CoffreFort.Cryptography.Cms;

/// <summary>Why nothing is sealed for a certificate.</summary>
public enum RecipientFault
{
    /// <summary>Its key is neither RSA nor on an elliptic curve, or only for signatures (RSASSA-PSS, Ed25519).</summary>
    Algorithm,

    /// <summary>Its RSA key has fewer than 3072 or more than 8192 bits, or an exponent under 65537.</summary>
    KeyLength,

    /// <summary>Its key is on another curve than P-256 and P-384.</summary>
    Curve,

    /// <summary>It is not valid yet.</summary>
    NotYetValid,

    /// <summary>It is not valid any more.</summary>
    Expired,

    /// <summary>It is for something else: a key usage without key encipherment (RSA) or key agreement (EC), or an extended one for neither mail nor documents.</summary>
    Usage,

    /// <summary>It does not lead to a trust anchor.</summary>
    Untrusted,

    /// <summary>It, or one above it, was revoked.</summary>
    Revoked,

    /// <summary>Nobody says whether it was revoked.</summary>
    RevocationUnknown,
}
