using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using CoffreFort.Specs.Cryptography.Cms;

namespace CoffreFort.IntegrationTests.Features.Signatures;

/// <summary>An issuer's document with the signature file that came with it, made by stock openssl; and forms that bring both.</summary>
internal sealed class DetachedScene : IDisposable
{
    /// <summary>What the issuer signed.</summary>
    public static readonly byte[] Paper = Encoding.UTF8.GetBytes("<avis>Revenu fiscal de référence : 21 400 €</avis>");

    private readonly OpenSsl _openssl = new();

    /// <param name="issuers">The folder of the demo's list, with the issuer's key.</param>
    public DetachedScene(string issuers)
    {
        foreach (var file in new[] { "tax-office.pem", "key.pem" }) _openssl.Write(file, File.ReadAllBytes(Path.Combine(issuers, file)));
    }

    public OpenSsl OpenSsl => _openssl;

    /// <summary>The signature file over a document.</summary>
    public byte[] Sign(byte[] document, string how = "-outform DER")
    {
        _openssl.Write("document", document);
        _openssl.Run($"cms -sign -binary -in document -signer tax-office.pem -inkey key.pem -md sha384 {how} -out signature.p7s");
        return _openssl.Read("signature.p7s");
    }

    /// <summary>A form as an API's client sends it.</summary>
    /// <param name="parts">In this order; those named file.* have a file's name.</param>
    public static MultipartFormDataContent Form(params (string Name, byte[] Bytes)[] parts)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, bytes) in parts) form.Add(new ByteArrayContent(bytes), name, name == "document" ? "avis.xml" : "avis.xml.p7s");
        return form;
    }

    public static async Task<JsonObject> SendAsync(HttpClient client, string address, HttpContent body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = body };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var answer = await client.SendAsync(request);
        var told = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        told["status"] ??= (int)answer.StatusCode;
        return told;
    }

    public void Dispose() => _openssl.Dispose();
}
