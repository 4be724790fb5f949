namespace CoffreFort.EventStore;

/// <summary>
/// The journal can't be written or read now. An append that ends so was either not written at all, or its outcome is not known;
/// repeating it with the same idempotency key is always safe.
/// </summary>
public sealed class JournalUnavailableException : Exception
{
    /// <summary>With what went wrong underneath.</summary>
    public JournalUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
