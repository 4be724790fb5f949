using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization;
using CoffreFort.Cryptography.Issuers;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Features.Signatures;

/// <summary>
/// The issuers whose signatures are relied on (<c>Issuers:Folder</c>): each <c>*.json</c> file of the folder is one, with the PEM file of its certificates beside it. Read once, at the
/// start; without a folder nobody is listed. Immutable.
/// </summary>
public sealed class IssuerList(IReadOnlyList<ListedIssuer> issuers)
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true, AllowDuplicateProperties = false,
    };

    public IReadOnlyList<ListedIssuer> Issuers => issuers;

    /// <param name="folder">Null or empty for none.</param>
    /// <param name="catalogue">The evidence types that there are.</param>
    /// <exception cref="SettingsException">The folder, or one of its files, is not usable; the message names it.</exception>
    public static IssuerList Load(string? folder, EvidenceCatalogue catalogue)
    {
        if (string.IsNullOrEmpty(folder)) return new IssuerList([]);
        if (!Directory.Exists(folder)) throw new SettingsException($"Issuers:Folder is no folder: {folder}");
        return new IssuerList([.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(file => Read(file, catalogue))]);
    }

    private static ListedIssuer Read(string file, EvidenceCatalogue catalogue)
    {
        try
        {
            var entry = JsonSerializer.Deserialize<Entry>(File.ReadAllBytes(file), Strict) ?? throw new JsonException("it holds null");
            if (entry.Name.Trim().Length is 0 or > IssuerSignature.LongestName) throw Wrong(file, $"name has 1 to {IssuerSignature.LongestName} characters");
            if (entry.EvidenceTypes.Count == 0) throw Wrong(file, "evidenceTypes names none");
            if (entry.EvidenceTypes.FirstOrDefault(type => catalogue.Find(type) is null) is { } unknown) throw Wrong(file, $"evidenceTypes names {unknown}, which the catalogue does not have");
            if (entry.Subject?.Keys.FirstOrDefault(type => !type.All(letter => char.IsAsciiDigit(letter) || letter == '.')) is { } word)
                throw Wrong(file, $"subject names {word}: attribute types are object identifiers, such as 2.5.4.97");
            return new ListedIssuer(entry.Name.Trim(), Certificates(file, entry.Certificates), entry.EvidenceTypes.ToHashSet(StringComparer.Ordinal), entry.Subject ?? []);
        }
        catch (Exception failure) when (failure is JsonException or IOException or UnauthorizedAccessException)
        {
            throw Wrong(file, failure.Message);
        }
    }

    private static X509Certificate2Collection Certificates(string file, string name)
    {
        if (name.Length == 0 || Path.GetFileName(name) != name) throw Wrong(file, $"certificates is the name of a file beside it, not {name}");
        var read = new X509Certificate2Collection();
        try
        {
            read.ImportFromPemFile(Path.Combine(Path.GetDirectoryName(file)!, name));
        }
        catch (CryptographicException failure)
        {
            throw Wrong(file, $"{name}: {failure.Message}");
        }

        if (read.Count == 0) throw Wrong(file, $"{name} holds no certificate");
        // A chain ends at a root: an authority in between would never be reached.
        if (read.FirstOrDefault(one => IsAuthority(one) && !one.SubjectName.RawData.AsSpan().SequenceEqual(one.IssuerName.RawData)) is { } between)
            throw Wrong(file, $"{name}: {between.Subject} is an authority below another one; list that one's root with a subject, or the signer's own certificate");
        return read;
    }

    private static bool IsAuthority(X509Certificate2 certificate) => certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(extension => extension.CertificateAuthority);

    private static SettingsException Wrong(string file, string why) => new($"Issuers:Folder: {file} is not usable: {why}.");

    private sealed record Entry(string Name, string Certificates, IReadOnlyList<string> EvidenceTypes, Dictionary<string, string>? Subject = null);
}
