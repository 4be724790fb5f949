using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Receipts;
using CoffreFort.Server.Sealing;

namespace CoffreFort.Server.Operations;

/// <summary><c>coffrefort seal</c>: the certificate of what receipts and sealed copies are sealed with.</summary>
public static class SealCommand
{
    private static readonly Argument<string> What = new("action") { Description = "show, request or install" };

    private static readonly Argument<string?> File = new("file") { Description = "With install: the certificate that the authority issued, its issuers' behind it, the root last (PEM)", Arity = ArgumentArity.ZeroOrOne };

    private static readonly Option<string> Subject = new("--subject")
    {
        Description = "With request: whom the certificate is to name, such as 'CN=Coffre-fort, O=Ministère, C=FR'", DefaultValueFactory = _ => "CN=CoffreFort seal",
    };

    public static OperatorCommand Command { get; } = new OperatorCommand(
        "seal",
        "Show the certificates of the seal, print a request for an authority (PKCS#10), or install what it issued: seal show, seal request, seal install FILE. Ends with 1 when a certificate is refused.",
        [What, File, Subject],
        (parsed, services, cancellation) => parsed.GetValue(What) switch
        {
            "show" => ShowAsync(services, cancellation),
            "request" => Task.FromResult(Request(parsed.GetValue(Subject)!, services)),
            "install" => InstallAsync(parsed.GetValue(File) ?? throw new OperatorException("Name the file: seal install FILE."), services, cancellation),
            var other => throw new OperatorException($"There are three actions: show, request, install FILE; not '{other}'."),
        });

    private static async Task<int> ShowAsync(IServiceProvider services, CancellationToken cancellation)
    {
        Console.Write(await services.GetRequiredService<ServerSeal>().PublishedAsync(cancellation));
        return OperatorExit.Done;
    }

    private static int Request(string subject, IServiceProvider services)
    {
        using var key = services.GetRequiredService<ServerSeal>().Own.GetECDsaPrivateKey()!;
        try
        {
            var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation, critical: true));
            Console.WriteLine(request.CreateSigningRequestPem());
            return OperatorExit.Done;
        }
        catch (CryptographicException)
        {
            throw new OperatorException($"'{subject}' is no name: --subject takes one such as 'CN=Coffre-fort, O=Ministère, C=FR'.");
        }
    }

    private static async Task<int> InstallAsync(string file, IServiceProvider services, CancellationToken cancellation)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(file);
        }
        catch (CryptographicException)
        {
            throw new OperatorException($"{file} holds no certificates in PEM.");
        }

        var (command, fault) = InstallSealCertificate.Check(certificates, services.GetRequiredService<ServerSeal>().Own, services.GetRequiredService<TimeProvider>().GetUtcNow());
        if (command is null)
        {
            Console.WriteLine($"refused: {fault}");
            return OperatorExit.Found;
        }

        var outcome = await InstallSealCertificate.Handle(command, Actor.CommandLine(), services.GetRequiredService<ActRunner>(), cancellation);
        Console.WriteLine($"{(outcome.Written is null ? "in force already" : "in force")}: {certificates[0].Subject}, until {certificates[0].NotAfter.ToUniversalTime():yyyy-MM-dd}, SHA-256 {command.Fingerprint}");
        return OperatorExit.Done;
    }
}
