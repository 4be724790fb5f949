using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using CoffreFort.IntegrationTests.Operations;
using CoffreFort.IntegrationTests.Web;
using CoffreFort.Specs.Cryptography.Cms;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Features.Receipts;

/// <summary>An operator has the seal certified by an authority, and is told before it ends.</summary>
public sealed class SealCertificateTests
{
    [Fact]
    [Trait("Requirement", "R-332")]
    public async Task an_authoritys_certificate_is_requested_installed_published_and_missed_before_its_end()
    {
        var clock = new ShellClock();
        await using var server = await CoffreFortServer.StartAsync(configure: services => services.AddSingleton<TimeProvider>(clock));
        var scene = await SharingScene.InAsync(server);
        await scene.DepositAsync("%PDF-1.4 avis"u8.ToArray());
        var first = await SealedReceiptTests.EventAsync(server, "document_deposited");
        var under = await scene.Holder.GetByteArrayAsync($"/api/v1/receipts/{first.Id}/signed");
        using var openssl = new OpenSsl();

        var (exit, request, complaints) = await CommandAsync(server, "request", "--subject", "CN=Coffre-fort, O=Test");
        Assert.True(exit == 0, complaints);
        openssl.Write("seal.csr", request);
        openssl.Run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout ca.key -out ca.pem -days 3650 -subj /CN=Test-CA -addext basicConstraints=critical,CA:true");
        openssl.Run("x509 -req -in seal.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 40 -copy_extensions copy -out leaf.pem");
        openssl.Write("chain.pem", [.. openssl.Read("leaf.pem"), .. openssl.Read("ca.pem")]);
        var installed = await CommandAsync(server, "install", Path.Combine(openssl.Folder, "chain.pem"));
        Assert.True(installed.ExitCode == 0, installed.Output + installed.Complaints);
        Assert.Equal(1, (await CommandAsync(server, "install", Path.Combine(openssl.Folder, "ca.pem"))).ExitCode);

        await scene.DepositAsync("%PDF-1.4 avis 2"u8.ToArray());
        var second = await SealedReceiptTests.EventAsync(server, "document_deposited");
        var receipt = await scene.Holder.GetByteArrayAsync($"/api/v1/receipts/{second.Id}/signed");
        // Who trusts the authority alone verifies the new one; the published certificates verify both.
        openssl.Write("receipt.p7m", receipt);
        openssl.Run("cms -verify -cades -inform DER -in receipt.p7m -CAfile ca.pem -binary -out receipt.json");
        await SealedReceiptTests.OpensAsync(server, receipt);
        await SealedReceiptTests.OpensAsync(server, under);

        clock.Ahead = TimeSpan.FromDays(20);
        Assert.Equal("seal-ending", await ProblemAsync(server));
        clock.Ahead = TimeSpan.FromDays(50);
        Assert.Equal("seal-unusable", await ProblemAsync(server));
    }

    [Fact]
    [Trait("Requirement", "R-332")]
    public async Task nothing_is_sealed_under_a_certificate_that_is_over_or_for_another_key()
    {
        var clock = new ShellClock();
        await using var server = await CoffreFortServer.StartAsync(configure: services => services.AddSingleton<TimeProvider>(clock));
        var scene = await SharingScene.InAsync(server);
        await scene.DepositAsync("%PDF-1.4 avis"u8.ToArray());
        var deposited = await SealedReceiptTests.EventAsync(server, "document_deposited");
        var seal = server.Services.GetRequiredService<Server.Sealing.ServerSeal>();
        using var own = seal.Own.GetECDsaPrivateKey()!;
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var (key, days) in new[] { (foreign, 30), (own, -1) })
        {
            await InstallAsync(server, key, days);
            using var refused = await scene.Holder.GetAsync($"/api/v1/receipts/{deposited.Id}/signed");
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "seal-unusable"), (refused.StatusCode, await SharingScene.CodeAsync(refused)));
        }

        Assert.Empty(await server.Journal.ReadAllAsync().Where(stored => stored.Name == "receipt_issued").ToListAsync());
    }

    /// <summary>As the command would never do.</summary>
    private static async Task InstallAsync(CoffreFortServer server, ECDsa key, int days)
    {
        var request = new CertificateRequest("CN=Wrong", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(days));
        var command = new Server.Features.Receipts.InstallSealCertificate([Convert.ToBase64String(certificate.RawData)], Convert.ToHexStringLower(SHA256.HashData(certificate.RawData)));
        await Server.Features.Receipts.InstallSealCertificate.Handle(
            command, Server.Acts.Actor.CommandLine(), server.Services.GetRequiredService<Server.Acts.ActRunner>(), CancellationToken.None);
    }

    private static Task<(int ExitCode, string Output, string Complaints)> CommandAsync(CoffreFortServer server, params string[] arguments) => FsckCommand.OperatorAsync(
    [
        "seal", .. arguments, "--data", server.Data, "--set", $"ConnectionStrings:Journal={server.JournalDatabase.ApplicationConnectionString}",
        "--set", $"ConnectionStrings:Keys={server.KeyDatabase.ApplicationConnectionString}",
    ]);

    private static async Task<string?> ProblemAsync(CoffreFortServer server)
    {
        using var anybody = server.Anonymous();
        var health = (await (await anybody.GetAsync("/health/ready")).Content.ReadFromJsonAsync<JsonObject>())!;
        return (string?)health["problems"]!.AsArray().FirstOrDefault(problem => (string?)problem!["subject"] == "seal")?["code"];
    }
}
