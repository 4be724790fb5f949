namespace CoffreFort.Cryptography;

/// <summary>A timestamp that must not be relied on.</summary>
/// <param name="fault">What is wrong with it.</param>
/// <param name="message">The same in words, for the operator.</param>
public sealed class TimestampRefused(TimestampFault fault, string message) : Exception(message)
{
    /// <summary>What is wrong with it.</summary>
    public TimestampFault Fault => fault;
}
