namespace CoffreFort.Cryptography;

/// <summary>A key wrapped by a root key.</summary>
/// <param name="KeyId">Names the key that wrapped it; stored beside it.</param>
/// <param name="Bytes">The wrapped key.</param>
public sealed record RootWrapped(string KeyId, byte[] Bytes);
