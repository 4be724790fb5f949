using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace CoffreFort.Server.Demo;

/// <summary>
/// The demo's one listed issuer, a tax office that does not exist: its trust list is a folder like any operator's, under the data folder, made with a key of its own at the first start.
/// </summary>
public static class DemoIssuer
{
    private const string Name = "Centre des impôts de démonstration";
    private const string KeyFile = "key.pem";
    private const string CertificateFile = "tax-office.pem";

    private static readonly string[] s_kinds = ["tax-notice"];

    /// <summary>The folder of the demo's list; null without the demo, and where the operator has named a folder.</summary>
    public static string? FolderOf(IConfiguration configuration)
    {
        if (!DemoMode.IsOn(configuration) || configuration["Issuers:Folder"] is { Length: > 0 }) return null;
        var folder = Path.Combine(Path.GetFullPath(configuration["data"] ?? ".data"), "demo-issuers");
        if (!Directory.Exists(folder)) Make(folder);
        return folder;
    }

    /// <summary>Its certificate with the private key, to sign the story's papers with; null where the list is the operator's.</summary>
    public static X509Certificate2? Certificate(IConfiguration configuration) =>
        FolderOf(configuration) is { } folder ? X509Certificate2.CreateFromPemFile(Path.Combine(folder, CertificateFile), Path.Combine(folder, KeyFile)) : null;

    /// <summary>Whole or not at all: of nodes that start together one makes it.</summary>
    private static void Make(string folder)
    {
        var made = Directory.CreateDirectory($"{folder}.{Guid.NewGuid():N}").FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-1), DateTimeOffset.UtcNow.AddYears(10));
        File.WriteAllText(Path.Combine(made, CertificateFile), certificate.ExportCertificatePem());
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new StreamWriter(Path.Combine(made, KeyFile), options)) file.Write(key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(made, "tax-office.json"), JsonSerializer.Serialize(new { name = Name, certificates = CertificateFile, evidenceTypes = s_kinds }));
        try
        {
            Directory.Move(made, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            Directory.Delete(made, recursive: true);
        }
    }
}
