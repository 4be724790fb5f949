namespace CoffreFort.Cryptography.Cms;

/// <summary>Why a sealed copy or a receipt was refused, in the order in which it is read.</summary>
public enum CmsFault
{
    /// <summary>It has more bytes than one ever has; nothing of it was read.</summary>
    TooLarge,

    /// <summary>It is not in the one form that the specification gives: not DER, something missing, or something that does not belong there.</summary>
    Unreadable,

    /// <summary>It is something else: a receipt where a sealed copy is wanted, or the other profile.</summary>
    Kind,

    /// <summary>It uses an algorithm, parameter or key length that is not allowed, such as PKCS#1 v1.5.</summary>
    Algorithm,

    /// <summary>The signature is wrong, the content is not what was signed, or the signer's certificate is not the signed one.</summary>
    Signature,

    /// <summary>The signer's certificate does not lead to a trust anchor, or is not for signing.</summary>
    Untrusted,

    /// <summary>The signer's certificate, or one above it, was not valid at the time that counts.</summary>
    SignerExpired,

    /// <summary>The timestamp over the signature must not be relied on.</summary>
    Timestamp,

    /// <summary>It is sealed for another certificate than the one at hand.</summary>
    Recipient,

    /// <summary>It does not open with this key, or is damaged: which of both nobody is told.</summary>
    Envelope,

    /// <summary>It opened, but what it holds is not what its profile says.</summary>
    Content,

    /// <summary>The document key that it holds must not be used any more.</summary>
    Expired,
}
