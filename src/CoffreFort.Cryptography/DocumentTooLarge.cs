namespace CoffreFort.Cryptography;

/// <summary>The document passed the limit its depositor was given; it was not sealed.</summary>
/// <param name="limit">The limit in bytes.</param>
public sealed class DocumentTooLarge(long limit) : Exception($"The document is longer than the limit of {limit} bytes.")
{
    /// <summary>The limit in bytes.</summary>
    public long Limit { get; } = limit;
}
