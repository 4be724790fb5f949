namespace CoffreFort.Cryptography.Issuers;

/// <summary>Why a signature is not <see cref="IssuerVerdict.Valid"/>, in the order in which it is looked at (docs/spec/issuer-signature.md §6).</summary>
public enum IssuerFault
{
    /// <summary>Unchecked: the document is longer than what is looked at, or the signature is.</summary>
    TooLarge,

    /// <summary>Unchecked: a form of signature that is not read here.</summary>
    Form,

    /// <summary>Unchecked: several people signed it, or what is signed is itself a signed message.</summary>
    Several,

    /// <summary>Unchecked: made with a hash, an algorithm or a key that proves nothing any more, or that is not known here.</summary>
    Algorithm,

    /// <summary>Unchecked: made with a certificate that is not for signing documents.</summary>
    Usage,

    /// <summary>Unchecked: something was added to the document after it was signed, be it proofs for the long term, be it another page.</summary>
    Appended,

    /// <summary>Broken: what says where the signature stands and what it is over does not fit the document, as when it was cut off.</summary>
    Coverage,

    /// <summary>Broken: the signature can't be read.</summary>
    Unreadable,

    /// <summary>Broken: the document was changed after it was signed.</summary>
    Content,

    /// <summary>Broken: the signature does not verify, or it is bound to another certificate than the one that comes along.</summary>
    Signature,

    /// <summary>Unrecognised: the signer's certificate leads to no listed issuer.</summary>
    Untrusted,

    /// <summary>Unrecognised: a certificate was not valid when the document was looked at, or when the signer says that they signed.</summary>
    Expired,

    /// <summary>Unrecognised: the issuer is listed, and not for documents of this kind.</summary>
    OtherKind,
}
