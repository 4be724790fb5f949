namespace CoffreFort.Cryptography;

/// <summary>Why a timestamp was refused.</summary>
public enum TimestampFault
{
    /// <summary>It can't be read as an RFC 3161 reply or token, or is longer than one ever is.</summary>
    Unreadable,

    /// <summary>The authority answered that it grants none.</summary>
    NotGranted,

    /// <summary>It answers another request: the nonce is another, or missing.</summary>
    Nonce,

    /// <summary>It is over other data, or under another hash than SHA-256.</summary>
    Imprint,

    /// <summary>It was made under another policy than the configured one.</summary>
    Policy,

    /// <summary>The signature is wrong, or the token does not name its signer's certificate (ESSCertID, ESSCertIDv2).</summary>
    Signature,

    /// <summary>The signer's certificate is not for timestamping alone (RFC 3161 §2.3: one extended key usage, critical).</summary>
    Usage,

    /// <summary>The signer's certificate, or one above it, was not valid at the stated time.</summary>
    Expired,

    /// <summary>The signer's certificate does not lead to a configured trust anchor.</summary>
    Untrusted,

    /// <summary>The stated time is not between question and answer.</summary>
    Time,
}
