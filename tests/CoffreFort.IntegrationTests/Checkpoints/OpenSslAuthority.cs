using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>A timestamp authority that we did not write: <c>openssl ts</c>, with a certificate authority of its own.</summary>
internal sealed class OpenSslAuthority : IDisposable
{
    public const string Policy = "1.3.6.1.4.1.99999.1";

    private const string Configuration = """
        [tsa]
        default_tsa = one
        [one]
        serial = ./serial
        signer_cert = ./tsa.pem
        signer_key = ./tsa.key
        certs = ./ca.pem
        signer_digest = sha256
        default_policy = 1.3.6.1.4.1.99999.1
        digests = sha256
        accuracy = secs:1
        ess_cert_id_chain = no
        ess_cert_id_alg = sha256
        [signer]
        basicConstraints = critical, CA:false
        keyUsage = critical, digitalSignature
        extendedKeyUsage = critical, timeStamping
        """;

    private static readonly Lazy<OpenSslAuthority> made = new(() => new OpenSslAuthority());

    private readonly string folder = Directory.CreateTempSubdirectory("coffrefort-tsa-").FullName;

    private OpenSslAuthority()
    {
        File.WriteAllText(Path.Combine(folder, "tsa.cnf"), Configuration);
        File.WriteAllText(Path.Combine(folder, "serial"), "01\n");
        Run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout ca.key -out ca.pem -days 3650 -subj /CN=Test-CA -addext basicConstraints=critical,CA:true");
        Run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout tsa.key -out tsa.csr -subj /CN=Test-TSA");
        Run("x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile tsa.cnf -extensions signer -out tsa.pem");
    }

    /// <summary>One for the whole run.</summary>
    public static OpenSslAuthority Shared => made.Value;

    public string AnchorsFile => Path.Combine(folder, "ca.pem");

    public TimestampTrust Trust => new([X509CertificateLoader.LoadCertificateFromFile(AnchorsFile)], Policy, TimeSpan.FromMinutes(1));

    public byte[] Reply(byte[] request)
    {
        lock (made)
        {
            File.WriteAllBytes(Path.Combine(folder, "request.tsq"), request);
            Run("ts -reply -config tsa.cnf -queryfile request.tsq -out reply.tsr");
            return File.ReadAllBytes(Path.Combine(folder, "reply.tsr"));
        }
    }

    /// <summary>What stock software says of a token.</summary>
    public bool Verifies(byte[] token, byte[] data)
    {
        lock (made)
        {
            File.WriteAllBytes(Path.Combine(folder, "token.der"), token);
            File.WriteAllBytes(Path.Combine(folder, "data"), data);
            return Try("ts -verify -token_in -in token.der -data data -CAfile ca.pem");
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void Run(string arguments) => Assert.True(Try(arguments), $"openssl {arguments}");

    private bool Try(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var complaints = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        complaints.Wait();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
