namespace CoffreFort.Server.Hosting;

/// <summary>The server can't serve as it was set up; the message tells the operator which setting it is and what it should be.</summary>
public sealed class SettingsException(string message, Exception? cause = null) : InvalidOperationException(message, cause);
