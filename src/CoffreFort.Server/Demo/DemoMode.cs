using System.Net;
using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Demo;

/// <summary>When the demo may run: only asked for by name, only on loopback, never beside a production setting.</summary>
public static class DemoMode
{
    public static bool IsOn(IConfiguration configuration) => bool.TryParse(configuration["demo"], out var on) && on;

    /// <exception cref="SettingsException">The demo is asked for where strangers could reach it.</exception>
    public static void RefuseIfExposed(IConfiguration configuration, IHostEnvironment environment)
    {
        if (!IsOn(configuration))
            return;
        if (configuration["Oidc:Authority"] is { Length: > 0 })
            throw new SettingsException("Demo mode lets anybody sign in as anybody, so it is refused while a production setting is present: Oidc:Authority. Remove one of the two.");
        var exposed = Addresses(configuration).FirstOrDefault(address => !IsLoopback(address));
        if (exposed is not null)
            throw new SettingsException(
                $"Demo mode lets anybody sign in as anybody, so it listens on loopback only, and '{exposed}' is not (environment {environment.EnvironmentName}). Use --urls http://127.0.0.1:5080, or leave --demo out.");
    }

    /// <summary>The second look, at what is really bound: a port may also come from code or from a socket handed over.</summary>
    public static bool IsLoopback(HttpContext context) => context.Connection.LocalIpAddress is not { } address || IPAddress.IsLoopback(address);

    private static IEnumerable<string> Addresses(IConfiguration configuration)
    {
        foreach (var address in (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            yield return address;
        foreach (var endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren())
            if (endpoint["Url"] is { } address)
                yield return address;
        // These two name ports on every interface. An address given in urls overrides them.
        if (string.IsNullOrEmpty(configuration["urls"]))
            foreach (var setting in new[] { "http_ports", "https_ports" })
                if (configuration[setting] is { Length: > 0 } ports)
                    yield return $"{setting}={ports}";
    }

    private static bool IsLoopback(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
            return false;
        return string.Equals(uri.Host, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}
