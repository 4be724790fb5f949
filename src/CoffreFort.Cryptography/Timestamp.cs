namespace CoffreFort.Cryptography;

/// <summary>A verified RFC 3161 timestamp.</summary>
/// <param name="Token">The token (DER); <c>openssl ts -verify -token_in</c> reads it.</param>
/// <param name="Time">When the authority saw the data.</param>
/// <param name="Policy">The policy's object identifier.</param>
/// <param name="Authority">The subject of the authority's certificate.</param>
public sealed record Timestamp(ReadOnlyMemory<byte> Token, DateTimeOffset Time, string Policy, string Authority);
