using System.CommandLine;
using CoffreFort.Cryptography;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Cli.Opening;

/// <summary><c>coffrefort open</c>: opens what an agency received, offline, and verifies a receipt.</summary>
public static class OpenCommand
{
    private const int Refused = 1;
    private const int Unable = 2;

    /// <param name="output">Gets what was verified.</param>
    /// <param name="complaints">Gets what is for a person.</param>
    public static Command Command(TextWriter output, TextWriter complaints)
    {
        var file = new Argument<string>("FILE") { Description = "The sealed copy (.p7m) or the receipt, as it was received" };
        var trust = Named("--trust", "The certificate of the operator's seal, or one that it leads to (PEM or DER; several in one PEM file)");
        var key = Named("--key", "The recipient's certificate and private key: PKCS#12, or both in one PEM file. A password is asked for, or taken from COFFREFORT_KEY_PASSWORD");
        var certificate = Named("--certificate", "The recipient's certificate, when the PEM file of --key holds the private key alone");
        var timestamps = Named("--timestamp-trust", "The certificate of the timestamp authority, or one that it leads to: a copy or receipt with its timestamp is accepted after the seal's certificate has expired");
        var ciphertext = Named("--ciphertext", "The exported or fetched ciphertext, when the sealed copy holds its key");
        var target = Named("--out", "Where the document goes; under its own name into this folder when left out. A file that is there is never overwritten");
        var command = new Command(
            "open",
            "Open a sealed copy, or an exported document with its sealed key, or verify a receipt and print it. Works offline. Ends with 0 when it did, 1 when what was received is damaged, false, expired or another's, 2 when a file or a key can't be used.")
        {
            file, trust, key, certificate, timestamps, ciphertext, target,
        };
        command.SetAction((parsed, cancellation) => TellAsync(complaints, () =>
        {
            var opening = new Opening(parsed.GetValue(file)!, parsed.GetValue(key), parsed.GetValue(certificate), parsed.GetValue(ciphertext), parsed.GetValue(target))
            {
                Output = output,
                Complaints = complaints,
            };
            return opening.RunAsync(TrustFile.Read(parsed.GetValue(trust), parsed.GetValue(timestamps)), cancellation);
        }));
        return command;
    }

    private static Option<string?> Named(string name, string description) => new(name) { Description = description };

    private static async Task<int> TellAsync(TextWriter complaints, Func<Task> open)
    {
        try
        {
            await open();
            return 0;
        }
        catch (CmsRefused refusal)
        {
            return Complain(complaints, $"refused ({refusal.Fault}): {refusal.Message}", Refused);
        }
        catch (CryptographicFailure)
        {
            return Complain(complaints, "refused: the ciphertext is damaged, or is not the one that this key belongs to.", Refused);
        }
        catch (Exception failure) when (failure is OpenRefusal or IOException or UnauthorizedAccessException)
        {
            return Complain(complaints, failure.Message, Unable);
        }
        catch (OperationCanceledException)
        {
            return Complain(complaints, "interrupted; nothing was written.", Unable);
        }
    }

    private static int Complain(TextWriter complaints, string message, int code)
    {
        complaints.WriteLine($"coffrefort open: {message}");
        return code;
    }
}
