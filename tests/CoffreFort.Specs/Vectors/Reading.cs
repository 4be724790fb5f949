using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CoffreFort.Cryptography;
using CoffreFort.Cryptography.Cms;
using CoffreFort.Transparency;

namespace CoffreFort.Specs.Vectors;

/// <summary>What came of a file: the class of failure or null, and what was released.</summary>
internal sealed record Outcome(string Reader, string? Fault, byte[] Released);

/// <summary>Gives a file to the reader of its format. Anything that is thrown besides the documented failure is a fault of the reader.</summary>
internal static class Reading
{
    public static Outcome WrappedKey(VectorFile file) => Try("unwrap", () =>
    {
        using var parent = SecretKey.CopyOf(file.Hex("parent"));
        using var key = KeyWrapping.Unwrap(parent, (KeyPurpose)file.Number("purpose"), file.Id("vault"), file.Id("object"), file.Number("version"), file.Input);
        return key.Bytes.ToArray();
    });

    public static Outcome PersonalEnvelope(VectorFile file) => Try("open", () =>
    {
        using var key = SecretKey.CopyOf(file.Hex("subjectKey"));
        var at = new FieldCoordinates(file.Id("event"), file.Text("type"), file.Id("stream"), file.Number("version"));
        return CoffreFort.Cryptography.PersonalEnvelope.Open(key, file.Id("keyId"), file.Number("generation"), at, file.Input);
    });

    public static Outcome SealedDocument(VectorFile file) => Try("open", () =>
    {
        using var recipient = Recipient(file);
        return SealedCopy.Verify(file.Input, Trust(file), At(file)).OpenDocument(recipient).Content;
    });

    public static Outcome SealedKey(VectorFile file) => Try("open", () =>
    {
        using var recipient = Recipient(file);
        using var key = SealedCopy.Verify(file.Input, Trust(file), At(file)).OpenKey(recipient, At(file));
        return [.. key.Key.Bytes, .. key.Secret.Bytes];
    });

    public static Outcome Receipt(VectorFile file) => Try("verify", () => Encoding.UTF8.GetBytes(SealedReceipt.Verify(file.Input, Trust(file), At(file)).Statement));

    public static Outcome Note(VectorFile file)
    {
        if (!SignedNote.TryParse(file.Input, out var note, out _)) return new("read", NoteVectors.Malformed, []);
        return EcdsaNote.Verify(note, Key(file)) ? new("read", null, note.TextBytes.ToArray()) : new("read", NoteVectors.Unsigned, []);
    }

    public static Outcome Checkpoint(VectorFile file)
    {
        var opened = CoffreFort.Transparency.Checkpoint.TryOpen(file.Input, Key(file), out var note, out _, out var fault);
        if (opened) return new("open", null, note!.TextBytes.ToArray());
        Assert.NotEmpty(fault!);
        // The reader tells in words; which of the three it was is found out step by step.
        if (!SignedNote.TryParse(file.Input, out note, out _)) return new("open", NoteVectors.Malformed, []);
        if (!EcdsaNote.Verify(note, Key(file))) return new("open", NoteVectors.Unsigned, []);
        return new("open", CoffreFort.Transparency.Checkpoint.TryParse(note.Text, out _, out _) ? NoteVectors.OtherLog : NoteVectors.Malformed, []);
    }

    public static Outcome Timestamp(VectorFile file) => Try("verify", () => Verify(file, file.Input));

    public static Outcome TimestampReply(VectorFile file) => Try("read and verify", () => Verify(file, CoffreFort.Cryptography.TimestampReply.TokenIn(file.Input)));

    public static Outcome Try(string reader, Func<byte[]> read)
    {
        try
        {
            return new(reader, null, read());
        }
        catch (CryptographicFailure)
        {
            return new(reader, nameof(CryptographicFailure), []);
        }
        catch (CmsRefused refusal)
        {
            return new(reader, refusal.Fault.ToString(), []);
        }
        catch (TimestampRefused refusal)
        {
            return new(reader, refusal.Fault.ToString(), []);
        }
    }

    private static byte[] Verify(VectorFile file, ReadOnlyMemory<byte> token)
    {
        var trust = new TimestampTrust(Anchors(file, "anchors"), (string?)file.With["policy"], TimeSpan.Zero);
        return Encoding.ASCII.GetBytes($"{TimestampVerification.Verify(token, file.Hex("data"), trust).Time.ToUnixTimeSeconds()}");
    }

    private static NoteVerifierKey Key(VectorFile file) => NoteVerifierKey.Parse(file.Text("verifierKey"));

    private static DateTimeOffset At(VectorFile file) => DateTimeOffset.Parse(file.Text("at"), System.Globalization.CultureInfo.InvariantCulture);

    private static SealTrust Trust(VectorFile file) => new(
        Anchors(file, "anchors"), file.With.ContainsKey("timestampAnchors") ? new TimestampTrust(Anchors(file, "timestampAnchors"), file.Text("timestampPolicy"), TimeSpan.Zero) : null);

    private static X509Certificate2Collection Anchors(VectorFile file, string name) =>
        [.. file.With[name]!.AsArray().Select(anchor => X509CertificateLoader.LoadCertificate(Convert.FromBase64String((string)anchor!)))];

    private static X509Certificate2 Recipient(VectorFile file)
    {
        var certificate = X509CertificateLoader.LoadCertificate(file.Base64("recipientCertificate"));
        if (certificate.GetRSAPublicKey() is not null)
        {
            using var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(file.Base64("recipientKey"), out _);
            return certificate.CopyWithPrivateKey(rsa);
        }

        using var agreement = ECDiffieHellman.Create();
        agreement.ImportPkcs8PrivateKey(file.Base64("recipientKey"), out _);
        return certificate.CopyWithPrivateKey(agreement);
    }
}
