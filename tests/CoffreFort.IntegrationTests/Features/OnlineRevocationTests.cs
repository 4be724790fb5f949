using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CoffreFort.IntegrationTests.Features;

/// <summary>With <c>Recipients__Online</c> the addresses in agencies' certificates are asked where no list at hand speaks; whoever says nothing clear has refused.</summary>
public sealed class OnlineRevocationTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly ConcurrentDictionary<string, byte[]> _published = [];
    private readonly ConcurrentBag<string> _asked = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("coffrefort-revocation-").FullName;
    private readonly X509Certificate2 _root = Authority("CN=Root", null, null);
    private WebApplication _publisher = null!;
    private string _address = "";

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        _publisher = builder.Build();
        _publisher.Run(AnswerAsync);
        await _publisher.StartAsync();
        _address = _publisher.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Directory.CreateDirectory(Path.Combine(_folder, "lists"));
    }

    public async Task DisposeAsync()
    {
        await _publisher.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("good", true, null)]
    [InlineData("good", false, "certificate-revocation-unknown")]
    [InlineData("revoked", true, "certificate-revoked")]
    [InlineData("nothing", true, "certificate-revocation-unknown")]
    [InlineData("stale", true, "certificate-revocation-unknown")]
    [InlineData("a namesake's", true, "certificate-revocation-unknown")]
    [InlineData("noise", true, "certificate-revocation-unknown")]
    [Trait("Requirement", "R-334")]
    public void what_the_issuers_address_says_counts_when_it_may_be_asked(string says, bool online, string? refused)
    {
        var (certificate, path) = Issued(_root, 21);
        if (says != "nothing") _published[path] = says switch
        {
            "revoked" => List(_root, 21),
            "stale" => List(_root, 99, from: -20, days: -10),
            "a namesake's" => List(Authority("CN=Root", null, null), 99),
            "noise" => RandomNumberGenerator.GetBytes(500),
            _ => List(_root, 99),
        };
        Assert.Equal(refused, CodeOf(certificate, online));
        Assert.Equal(online, _asked.Contains(path));
    }

    [Theory]
    [InlineData(99, 21, null)]
    [InlineData(21, 99, "certificate-revoked")]
    [Trait("Requirement", "R-334")]
    public void a_list_at_hand_is_believed_and_nobody_is_asked(int atHand, int published, string? refused)
    {
        var (certificate, path) = Issued(_root, 21);
        _published[path] = List(_root, (byte)published);
        File.WriteAllBytes(Path.Combine(_folder, "lists", "root.crl"), List(_root, (byte)atHand));
        Assert.Equal(refused, CodeOf(certificate, online: true));
        Assert.Empty(_asked);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "certificate-revocation-unknown")]
    [Trait("Requirement", "R-334")]
    public void an_authority_between_may_have_its_list_at_hand_while_the_agencys_certificate_is_asked_about(bool published, string? refused)
    {
        // Its own address doesn't answer, and needn't.
        using var between = Authority("CN=Between", _root, $"{_address}/silent");
        File.WriteAllBytes(Path.Combine(_folder, "lists", "root.crl"), List(_root, 99));
        var (certificate, path) = Issued(between, 22);
        if (published) _published[path] = List(between, 99);
        Assert.Equal(refused, CodeOf(certificate, online: true, between));
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "certificate-revoked")]
    [Trait("Requirement", "R-334")]
    public async Task a_responder_of_openssl_is_asked_too(bool revoked, string? refused)
    {
        var (certificate, _) = Issued(_root, 0x21, responder: $"{_address}/ocsp");
        await File.WriteAllTextAsync(Path.Combine(_folder, "root.pem"), _root.ExportCertificatePem() + "\n" + _root.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var (end, when) = (certificate.NotAfter.ToUniversalTime(), Now.UtcDateTime.AddHours(-1));
        await File.WriteAllTextAsync(Path.Combine(_folder, "index.txt"), revoked ? $"R\t{end:yyMMddHHmmss}Z\t{when:yyMMddHHmmss}Z\t21\tunknown\t/CN=Agency\n" : $"V\t{end:yyMMddHHmmss}Z\t\t21\tunknown\t/CN=Agency\n");
        Assert.Equal(refused, CodeOf(certificate, online: true));
        Assert.Contains(_asked, path => path.StartsWith("/ocsp", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Recipients:Online", "true")]
    [InlineData("Recipients:RevocationLists", "/tmp")]
    public void whose_revocations_are_asked_about_must_be_said(string setting, string value) =>
        Assert.Contains("Recipients:Anchors", Assert.Throws<SettingsException>(() => RecipientCheck.From(Settings((setting, value)))).Message, StringComparison.Ordinal);

    private string? CodeOf(X509Certificate2 certificate, bool online, params X509Certificate2[] between)
    {
        var anchors = Path.Combine(_folder, "anchors.pem");
        File.WriteAllText(anchors, string.Join('\n', between.Append(_root).Select(one => one.ExportCertificatePem())));
        var check = RecipientCheck.From(Settings(("Recipients:Anchors", anchors), ("Recipients:RevocationLists", Path.Combine(_folder, "lists")), ("Recipients:Online", online ? "true" : "false")));
        var (recipient, refusal) = check.Find(certificate.RawData, Now);
        Assert.Equal(refusal is null, recipient is not null);
        return refusal?.Code;
    }

    private static IConfiguration Settings(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(one => KeyValuePair.Create(one.Key, (string?)one.Value))).Build();

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        _asked.Add(path);
        if (path.StartsWith("/ocsp", StringComparison.Ordinal)) await RespondAsync(http, path);
        else if (_published.TryGetValue(path, out var list)) await http.Response.Body.WriteAsync(list);
        else http.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    /// <summary>Small questions come in the address.</summary>
    private async Task RespondAsync(HttpContext http, string path)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var question = http.Request.Method == "GET" ? Convert.FromBase64String(Uri.UnescapeDataString(path["/ocsp/".Length..])) : body.ToArray();
        await File.WriteAllBytesAsync(Path.Combine(_folder, "question.der"), question);
        using var openssl = Process.Start(new ProcessStartInfo(
            "openssl", "ocsp -index index.txt -rsigner root.pem -CA root.pem -reqin question.der -respout answer.der -ndays 2 -rmd sha256")
        { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await Task.WhenAll(openssl.StandardOutput.ReadToEndAsync(), openssl.StandardError.ReadToEndAsync());
        await openssl.WaitForExitAsync();
        http.Response.ContentType = "application/ocsp-response";
        await http.Response.Body.WriteAsync(await File.ReadAllBytesAsync(Path.Combine(_folder, "answer.der")));
    }

    private static byte[] List(X509Certificate2 issuer, byte serial, int from = -1, int days = 10)
    {
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry([serial], Now.AddDays(from));
        return builder.Build(issuer, 1, Now.AddDays(days), HashAlgorithmName.SHA256, thisUpdate: Now.AddDays(from));
    }

    private static X509Certificate2 Authority(string name, X509Certificate2? issuer, string? lists)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (lists is not null) request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([lists]));
        if (issuer is null) return request.CreateSelfSigned(Now.AddDays(-30), Now.AddDays(30));
        using var made = request.Create(issuer, Now.AddDays(-20), Now.AddDays(20), [5, 5]);
        return made.CopyWithPrivateKey(key);
    }

    /// <summary>With an address of its own: the platform keeps what it fetched by address.</summary>
    private (X509Certificate2 Certificate, string Path) Issued(X509Certificate2 issuer, byte serial, string? responder = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var path = $"/{Guid.NewGuid():N}.crl";
        var request = new CertificateRequest("CN=Agency", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyAgreement, true));
        request.CertificateExtensions.Add(responder is null
            ? CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([_address + path])
            : new X509AuthorityInformationAccessExtension([responder], null));
        return (request.Create(issuer, Now.AddDays(-10), Now.AddDays(10), [serial]), path);
    }
}
