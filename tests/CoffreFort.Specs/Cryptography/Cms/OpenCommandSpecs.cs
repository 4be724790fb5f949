using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using CoffreFort.Cli.Opening;
using CoffreFort.Cryptography;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Specs.Cryptography.Cms;

/// <summary><c>coffrefort open</c>, as an agency runs it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class OpenCommandSpecs : IDisposable
{
    private const string Kind = "P-384";
    private const string Password = "a password";
    private static readonly byte[] s_content = RandomNumberGenerator.GetBytes(50_000);

    private readonly OpenSsl _files = new();

    public OpenCommandSpecs()
    {
        _files.Write("copy.p7m", Sealing.Document(Kind, s_content));
        _files.Write("seal.pem", Sealing.Certificate.ExportCertificatePem());
        _files.Write("agency.pem", Recipient.Of(Kind).Pem);
        _files.Write("other.pem", Recipient.Of("P-256").Pem);
        _files.Write("agency.p12", Recipient.Of(Kind).Certificate.ExportPkcs12(new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000), Password));
    }

    public void Dispose() => _files.Dispose();

    [Fact]
    [Trait("Requirement", "R-325")]
    public void a_sealed_document_is_opened_under_its_own_name_for_its_owner_alone_and_never_over_another_file()
    {
        var (exitCode, told) = Start("copy.p7m --trust seal.pem --key agency.p12");
        Assert.True(exitCode == 0, told);
        Assert.Equal(s_content, _files.Read(Sealing.File.FileName));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_files.Folder, Sealing.File.FileName)));
        Assert.Contains("by CN=CoffreFort test seal", told, StringComparison.Ordinal);

        _files.Write(Sealing.File.FileName, "mine");
        (exitCode, told) = Start("copy.p7m --trust seal.pem --key agency.pem");
        Assert.Equal((2, true), (exitCode, told.Contains("is there already", StringComparison.Ordinal)));
        Assert.Equal("mine"u8.ToArray(), _files.Read(Sealing.File.FileName));
    }

    [Theory]
    [InlineData("damaged.p7m --trust seal.pem --key agency.pem", 1, "refused (")]
    [InlineData("copy.p7m --trust other.pem --key agency.pem", 1, "refused (Untrusted)")]
    [InlineData("copy.p7m --trust seal.pem --key other.pem", 1, "refused (Recipient)")]
    [InlineData("seal.pem --trust seal.pem --key agency.pem", 1, "refused (Unreadable)")]
    [InlineData("copy.p7m --trust seal.pem", 2, "--key")]
    [InlineData("copy.p7m --key agency.pem", 2, "--trust")]
    [InlineData("copy.p7m --trust seal.pem --key seal.pem", 2, "seal.pem")]
    [InlineData("missing.p7m --trust seal.pem --key agency.pem", 2, "missing.p7m")]
    [InlineData("copy.p7m --trust seal.pem --key agency.pem --out missing/file", 2, "missing")]
    [Trait("Requirement", "R-325")]
    public void what_does_not_open_says_why_and_leaves_nothing(string arguments, int expected, string why)
    {
        var damaged = _files.Read("copy.p7m");
        damaged[damaged.Length / 2] ^= 1;
        _files.Write("damaged.p7m", damaged);
        var before = Directory.GetFileSystemEntries(_files.Folder);

        var (exitCode, told) = Open(arguments);
        Assert.True(expected == exitCode, told);
        Assert.Contains(why, told, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(_files.Folder));
    }

    [Fact]
    [Trait("Requirement", "R-325")]
    public async Task an_exported_ciphertext_is_opened_with_its_sealed_key_and_a_damaged_one_leaves_nothing()
    {
        using var key = await ExportAsync();
        _files.Write("key.p7m", SealedCopy.SealKey(key, Sealing.For(Kind), Sealing.Seal, Sealing.Now));
        var (exitCode, told) = Open("key.p7m --trust seal.pem --key agency.pem --ciphertext exported --out document");
        Assert.True(exitCode == 0, told);
        Assert.Equal(s_content, _files.Read("document"));

        var damaged = _files.Read("exported");
        damaged[^1] ^= 1;
        _files.Write("damaged", damaged);
        var before = Directory.GetFileSystemEntries(_files.Folder);
        Assert.Equal(1, Open("key.p7m --trust seal.pem --key agency.pem --ciphertext damaged --out other").ExitCode);
        Assert.Equal(2, Open("key.p7m --trust seal.pem --key agency.pem --out other").ExitCode);
        Assert.Equal(before, Directory.GetFileSystemEntries(_files.Folder));
    }

    [Fact]
    [Trait("Requirement", "R-325")]
    public void a_receipt_is_verified_and_printed()
    {
        var receipt = new Receipt(Guid.NewGuid(), 7, new byte[32], Sealing.Now) { Access = new AccessStatement(Guid.NewGuid(), 1, Guid.NewGuid()) };
        var sealedReceipt = SealedReceipt.Make(receipt, Sealing.Seal, Sealing.Now);
        _files.Write("receipt.p7m", sealedReceipt);
        var (exitCode, told) = Open("receipt.p7m --trust seal.pem");
        Assert.True(exitCode == 0, told);
        Assert.Contains("\"position\":7", told, StringComparison.Ordinal);

        sealedReceipt[^10] ^= 1;
        _files.Write("receipt.p7m", sealedReceipt);
        (exitCode, told) = Open("receipt.p7m --trust seal.pem");
        Assert.Equal((1, false), (exitCode, told.Contains("position", StringComparison.Ordinal)));
    }

    private async Task<DocumentKey> ExportAsync()
    {
        var key = Sealing.Key(TimeSpan.FromHours(1));
        using var ciphertext = new MemoryStream();
        var document = await DocumentSealing.SealAsync(new MemoryStream(s_content), ciphertext, key.Key, key.Secret, key.Identity, s_content.Length);
        _files.Write("exported", ciphertext.ToArray());
        return key with { CiphertextLength = document.SealedLength, CiphertextSha256 = document.CiphertextSha256, Commitment = document.Commitment };
    }

    /// <summary>The command in this process: where its files are is said in full.</summary>
    private (int ExitCode, string Told) Open(string arguments)
    {
        using var told = new StringWriter();
        var words = arguments.Split(' ').Select(word => word.StartsWith("--", StringComparison.Ordinal) ? word : Path.Combine(_files.Folder, word));
        var exitCode = OpenCommand.Command(told, told).Parse([.. words]).Invoke();
        return (exitCode, told.ToString());
    }

    private (int ExitCode, string Told) Start(string arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "coffrefort.dll"), "open", .. arguments.Split(' ')])
        {
            WorkingDirectory = _files.Folder, RedirectStandardError = true, RedirectStandardOutput = true, Environment = { ["COFFREFORT_KEY_PASSWORD"] = Password },
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var complaint = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, complaint + output.Result);
    }
}
