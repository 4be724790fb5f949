using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Spectre.Console;

namespace CoffreFort.Cli.Opening;

/// <summary>The recipient's certificate and private key, from PEM or PKCS#12.</summary>
internal static class RecipientFile
{
    private const string PasswordVariable = "COFFREFORT_KEY_PASSWORD";

    public static bool IsPem(ReadOnlySpan<byte> content) => content.IndexOf("-----BEGIN "u8) >= 0;

    /// <exception cref="OpenRefusal">It does not hold both, or its password is wrong.</exception>
    public static X509Certificate2 Read(string path, string? certificate)
    {
        var content = File.ReadAllBytes(path);
        try
        {
            var recipient = IsPem(content) ? FromPem(Encoding.UTF8.GetString(content), path, certificate) : FromPkcs12(content, path);
            return recipient.HasPrivateKey ? recipient : throw new OpenRefusal($"{path} holds no private key.");
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            throw new OpenRefusal($"{path} does not give a certificate with its private key: the password is wrong, the two don't belong together, or the file is damaged.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static X509Certificate2 FromPem(string pem, string path, string? certificate)
    {
        var other = certificate is null ? pem : TrustFile.Certificates(certificate)[0].ExportCertificatePem();
        if (!other.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal)) throw new OpenRefusal($"{path} holds no certificate; name it with --certificate.");
        return pem.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal)
            ? X509Certificate2.CreateFromEncryptedPem(other, pem, Password(path))
            : X509Certificate2.CreateFromPem(other, pem);
    }

    private static X509Certificate2 FromPkcs12(byte[] content, string path)
    {
        // Never on disk a second time; macOS alone cannot do without.
        var storage = OperatingSystem.IsMacOS() ? X509KeyStorageFlags.DefaultKeySet : X509KeyStorageFlags.EphemeralKeySet;
        return X509CertificateLoader.LoadPkcs12(content, Password(path), storage);
    }

    private static string Password(string path)
    {
        if (Environment.GetEnvironmentVariable(PasswordVariable) is { } password) return password;
        if (Console.IsInputRedirected) throw new OpenRefusal($"{path} wants a password: set {PasswordVariable}, or call from a terminal.");
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Prompt(new TextPrompt<string>($"Password of {Markup.Escape(path)}:").Secret(null).AllowEmpty());
    }
}
