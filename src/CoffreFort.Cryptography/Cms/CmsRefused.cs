namespace CoffreFort.Cryptography.Cms;

/// <summary>A sealed copy or a receipt that must not be relied on. Nothing of what it holds was released.</summary>
/// <param name="fault">What is wrong with it.</param>
/// <param name="message">The same in words, for whoever received it; never anything of its content.</param>
public sealed class CmsRefused(CmsFault fault, string message) : Exception(message)
{
    /// <summary>What is wrong with it.</summary>
    public CmsFault Fault => fault;
}
