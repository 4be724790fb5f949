namespace CoffreFort.EventStore;

/// <summary>The journal's clock had passed the instant up to which an append was allowed. Nothing of it was written.</summary>
public sealed class AppendTooLateException : Exception
{
    internal AppendTooLateException(DateTimeOffset notAfter, DateTimeOffset now)
        : base($"The append was allowed up to {notAfter:O}; the journal's clock stood at {now:O}.")
    {
    }
}
