using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography;
using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Checkpoints;

/// <summary>Which authority seals checkpoints, when, and what it must be.</summary>
/// <param name="Address">Where it is (<c>Timestamps:Url</c>).</param>
/// <param name="Trust">Its policy (<c>Timestamps:Policy</c>), anchors (<c>Timestamps:Anchors</c>, a PEM file) and how far its clock may be off.</param>
/// <param name="Timeout">How long one question may take (<c>Timestamps:Timeout</c>, 10 s).</param>
/// <param name="Every">A seal at the latest after this long (<c>Timestamps:Every</c>, one hour).</param>
/// <param name="Events">Or after so many events (<c>Timestamps:Events</c>, 10,000).</param>
public sealed record TimestampSettings(Uri Address, TimestampTrust Trust, TimeSpan Timeout, TimeSpan Every, long Events)
{
    /// <summary>Null when no authority is configured.</summary>
    /// <exception cref="SettingsException">One is, and not completely: a seal that nobody can check is none.</exception>
    public static TimestampSettings? From(IConfiguration configuration)
    {
        var section = configuration.GetSection("Timestamps");
        if (section["Url"] is not { Length: > 0 } url) return null;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address)) throw new SettingsException($"Timestamps:Url is no address: {url}");
        if (section["Anchors"] is not { Length: > 0 } file)
            throw new SettingsException("Timestamps:Url is set and Timestamps:Anchors is not: name the PEM file of the certificates that the authority's must lead to.");
        var anchors = new X509Certificate2Collection();
        anchors.ImportFromPemFile(file);
        if (anchors.Count == 0) throw new SettingsException($"{file} holds no certificate.");
        return new TimestampSettings(
            address, new TimestampTrust(anchors, section["Policy"] is { Length: > 0 } policy ? policy : null, section.Duration("Tolerance", TimeSpan.FromMinutes(1), none: true)),
            section.Duration("Timeout", TimeSpan.FromSeconds(10)), section.Duration("Every", TimeSpan.FromHours(1)), section.Read("Events", 10_000L));
    }
}
