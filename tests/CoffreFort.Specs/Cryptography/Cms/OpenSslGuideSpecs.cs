using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.RegularExpressions;
using CoffreFort.Cryptography.Cms;
using CoffreFort.IntegrationTests.Checkpoints;
using CoffreFort.Specs.House;

namespace CoffreFort.Specs.Cryptography.Cms;

/// <summary>The commands of docs/guides/open-with-openssl.md, as they stand there.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class OpenSslGuideSpecs : IDisposable
{
    private static readonly byte[] s_content = "a certificate of residence"u8.ToArray();

    private readonly OpenSsl _openssl = new();

    public static TheoryData<string> Kinds => [.. Recipient.Kinds];

    public void Dispose() => _openssl.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    [Trait("Requirement", "R-320")]
    public void an_agency_opens_and_verifies_with_the_commands_of_the_guide(string kind)
    {
        Prepare(kind);
        var (exitCode, complaint) = Run(string.Join('\n', Commands()));

        Assert.True(exitCode == 0, complaint);
        Assert.Equal(s_content, _openssl.Read("document"));
        using var description = JsonDocument.Parse(_openssl.Read("description.json"));
        Assert.Equal(Sealing.File.FileName, description.RootElement.GetProperty("fileName").GetString());
        using var receipt = JsonDocument.Parse(_openssl.Read("receipt.json"));
        Assert.Equal(7, receipt.RootElement.GetProperty("position").GetInt64());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "R-320")]
    public void nothing_is_left_of_a_damaged_copy_or_another_agencys(bool damaged)
    {
        Prepare("P-256");
        var copy = _openssl.Read("copy.p7m");
        if (damaged) copy[copy.Length / 2] ^= 1;
        else copy = Sealing.Document("another", s_content);
        _openssl.Write("copy.p7m", copy);

        Assert.NotEqual(0, Run(Commands()[0]).ExitCode);
        Assert.Equal(["agency.key", "agency.pem", "copy.p7m", "receipt.p7m", "seal.pem", "tsa.pem"], Directory.GetFiles(_openssl.Folder).Select(Path.GetFileName).Order());
    }

    private void Prepare(string kind)
    {
        _openssl.Write("copy.p7m", Sealing.Document(kind, s_content));
        _openssl.Write("seal.pem", Sealing.Certificate.ExportCertificatePem());
        _openssl.Write("agency.pem", Recipient.Of(kind).Certificate.ExportCertificatePem());
        _openssl.Write("agency.key", Recipient.Of(kind).Pem);
        _openssl.Write("tsa.pem", File.ReadAllBytes(OpenSslAuthority.Shared.AnchorsFile));
        var receipt = SealedReceipt.Make(
            new Receipt(Guid.NewGuid(), 7, new byte[32], Sealing.Now) { Access = new AccessStatement(Guid.NewGuid(), 1, Guid.NewGuid()) }, Sealing.Seal, Sealing.Now);
        var request = SignatureTimestamp.Ask(receipt, OpenSslAuthority.Shared.Trust);
        var timestamp = request.Accept(OpenSslAuthority.Shared.Reply(request.ToBytes()), Sealing.Now, DateTimeOffset.UtcNow);
        _openssl.Write("receipt.p7m", SignatureTimestamp.Attach(receipt, timestamp));
    }

    private static List<string> Commands() => [.. Block().Matches(SourceTree.Text("docs/guides/open-with-openssl.md")).Select(match => match.Groups["commands"].Value)];

    private (int ExitCode, string Complaint) Run(string commands)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", commands]) { WorkingDirectory = _openssl.Folder, RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var complaint = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, complaint + output.Result);
    }

    [GeneratedRegex("```sh\n(?<commands>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
