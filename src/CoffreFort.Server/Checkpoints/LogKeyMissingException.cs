namespace CoffreFort.Server.Checkpoints;

/// <summary>The keyring holds no key of a log. Only a log that has published nothing yet gets one made; for any other somebody must put the keyring back.</summary>
/// <param name="origin">The log.</param>
public sealed class LogKeyMissingException(string origin)
    : Exception($"The keyring holds no key of the log {origin}. Put back the keyring that signed it; no other key takes its place.");
