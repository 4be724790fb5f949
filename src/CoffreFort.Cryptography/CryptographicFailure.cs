namespace CoffreFort.Cryptography;

/// <summary>
/// Sealed data did not open: the one exception, with one message, whatever broke.
/// </summary>
/// <remarks>
/// A wrong key, a damaged tag, a false commitment, an impossible length and a key wrapped for another place all look the same,
/// so that nobody learns from the answer how far a forgery got. It therefore carries no inner exception either.
/// Failures of the streams themselves (I/O, cancellation) are never turned into it.
/// </remarks>
public sealed class CryptographicFailure : Exception
{
    /// <summary>Creates the failure with its only message.</summary>
    public CryptographicFailure()
        : base("The sealed data did not verify.")
    {
    }
}
