using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using CoffreFort.Server.Features.Signatures;

namespace CoffreFort.IntegrationTests.Features.Signatures;

/// <summary>Versions without number may come with signature files as long as all are small: whoever does anything with a document fetches them.</summary>
public sealed class ManySignaturesTests : IAsyncLifetime, IDisposable
{
    private CoffreFortServer _server = null!;
    private SharingScene _scene = null!;
    private DetachedScene _beside = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync();
        _scene = await SharingScene.InAsync(_server);
        _beside = new DetachedScene(Path.Combine(_server.Data, "demo-issuers"));
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _beside.Dispose();

    [Fact]
    [Trait("Requirement", "R-041")]
    public async Task the_signature_files_of_one_document_have_a_mebibyte_together_and_what_is_refused_leaves_nothing()
    {
        var large = Large();
        Assert.InRange(large.Length, 50_000, SignatureFile.Longest);
        var most = SignatureFile.MostOfDocument / large.Length;
        var id = (Guid)(await SendAsync($"/api/v1/vaults/{_scene.Vault}/documents?evidenceType=tax-notice", large))["id"]!;
        var versions = $"/api/v1/documents/{id}/versions";
        for (var number = 2; number <= most; number++) Assert.Equal(number, (int)(await SendAsync(versions, large))["version"]!);
        var blobs = (await _server.Blobs.NamesAsync()).Count;

        Assert.Equal("too-many-signatures", (string?)(await SendAsync(versions, large))["code"]);
        Assert.Equal(blobs, (await _server.Blobs.NamesAsync()).Count);

        // Small ones still fit, and one without always does; as a new document it is welcome.
        var small = _beside.Sign(DetachedScene.Paper);
        Assert.Equal(most + 1, (int)(await SendAsync(versions, small))["version"]!);
        Assert.Equal(HttpStatusCode.Created, (await _scene.Holder.PostAsync(versions, new ByteArrayContent(DetachedScene.Paper))).StatusCode);
        Assert.NotNull((await SendAsync($"/api/v1/vaults/{_scene.Vault}/documents?evidenceType=tax-notice", large))["id"]);

        Assert.Equal(large, await _scene.Holder.GetByteArrayAsync($"{versions}/{most}/signature"));
        Assert.Equal(small, await _scene.Holder.GetByteArrayAsync($"{versions}/{most + 1}/signature"));
        Assert.Equal(HttpStatusCode.NotFound, (await _scene.Holder.GetAsync($"{versions}/{most + 2}/signature")).StatusCode);
    }

    private Task<JsonObject> SendAsync(string address, byte[] signature) =>
        DetachedScene.SendAsync(_scene.Holder, address, DetachedScene.Form(("document", DetachedScene.Paper), ("signature", signature)));

    /// <summary>As long as certificates that nobody needs make it.</summary>
    private byte[] Large()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var bundle = string.Join('\n', Enumerable.Range(0, 28).Select(number =>
        {
            var request = new CertificateRequest($"CN=n{number}", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509Extension("1.2.3.4", RandomNumberGenerator.GetBytes(1_700), critical: false));
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
            return certificate.ExportCertificatePem();
        }));
        _beside.OpenSsl.Write("bundle.pem", System.Text.Encoding.ASCII.GetBytes(bundle));
        return _beside.Sign(DetachedScene.Paper, "-outform DER -certfile bundle.pem");
    }
}
