namespace CoffreFort.Cryptography.Cms;

/// <summary>A certificate that nothing may be sealed for.</summary>
/// <param name="fault">What is wrong with it.</param>
/// <param name="message">The same in words, for whoever enrols it.</param>
public sealed class RecipientRefused(RecipientFault fault, string message) : Exception(message)
{
    /// <summary>What is wrong with it.</summary>
    public RecipientFault Fault => fault;
}
