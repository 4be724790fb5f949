namespace CoffreFort.Cryptography;

/// <summary>The root key cannot or must not be used as it is configured; the message tells the operator what to do.</summary>
/// <param name="reason">What is wrong and what to do; names files and key ids, never secrets.</param>
public sealed class RootKeyRefused(string reason) : Exception(reason);
