namespace CoffreFort.Transparency;

/// <summary>The <c>openssl</c> program could not do what it was asked: it is missing, refused a file, or took too long. The message says which, and what to do.</summary>
public sealed class OpenSslFailure : Exception
{
    /// <summary>A failure with its message.</summary>
    /// <param name="message">What happened, and what to do.</param>
    public OpenSslFailure(string message) : base(message)
    {
    }

    /// <summary>A failure with its message and its cause.</summary>
    /// <param name="message">What happened, and what to do.</param>
    /// <param name="inner">The cause.</param>
    public OpenSslFailure(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>A failure without further words.</summary>
    public OpenSslFailure() : base("openssl failed.")
    {
    }
}
