using System.Security.Cryptography.X509Certificates;
using System.Text;
using CoffreFort.Cryptography;
using CoffreFort.Cryptography.Cms;
using CoffreFort.Specs.Vectors;

namespace CoffreFort.Specs.Fuzzing;

/// <summary>The readers of CMS and of timestamps: whole messages, and behind the signature each part by itself, which a change would else never reach.</summary>
internal static class FuzzedMessages
{
    private static readonly SealTrust s_trust = new([SeededCertificate.Authority]);
    private static readonly TimestampTrust s_stamps = new([SeededCertificate.Authority], SeededStamp.Policy, TimeSpan.Zero);
    private static readonly SeededRecipient s_agency = SeededRecipient.Of("p-256");

    public static IEnumerable<FuzzedParser> All()
    {
        var (receipts, documents, keys) = (FuzzedParsers.Inputs("receipt"), ForAgency("sealed-document"), ForAgency("sealed-key"));
        SignedMessage[] messages = [.. documents.Concat(keys).Select(input => SignedMessage.Read(input, input.Length, "a sealed copy"))];
        SignedAttributes[] attributes = [.. messages.Select(message => SignedAttributes.Read(Reader(message.SignedAttributes).ReadSetOf()))];
        byte[][] headers = [.. attributes.Select(one => one.Header!.Value.ToArray())], envelopes = [.. messages.Select(message => message.Content.ToArray())];
        yield return new("signed-message", Shape.Der, [.. receipts, .. documents, .. keys], Message);
        yield return new("signed-attributes", Shape.Der, [.. messages.Select(message => message.SignedAttributes.ToArray())], Attributes);
        yield return new("receipt", Shape.Der, receipts, Receipt);
        yield return new("sealed-copy", Shape.Der, documents, Document);
        yield return new("sealed-copy-header", Shape.Der, headers, input => Refusing(() => FuzzedParsers.Same(input, SealedCopyHeader.Read(input).Encode())));
        yield return new("envelope", Shape.Der, [.. envelopes, .. RsaEnvelopes()], EnvelopeForm);
        yield return new("envelope-content", Shape.Der, envelopes, EnvelopeContent);
        yield return new("receipt-payload", Shape.Json, [.. FuzzedParsers.Opening("receipt").Select(Statement)], Payload);
        yield return new("document-payload", Shape.Json, [Description()], DescriptionRead);
        yield return new("key-payload", Shape.Json, [KeyJson(keys[0])], KeyRead);
        yield return new("recipient-certificate", Shape.Der, [.. SeededRecipient.Kinds.Select(kind => SeededRecipient.Of(kind).Certificate.RawData)], Certificate);
        yield return new("timestamp", Shape.Der, FuzzedParsers.Inputs("timestamp"), input => Stamp(input, input));
        yield return new("timestamp-reply", Shape.Der, FuzzedParsers.Inputs("timestamp-reply"), input => RefusingStamp(() => Stamp(TimestampReply.TokenIn(input), input)));
    }

    private static byte[][] ForAgency(string format) => [.. from file in FuzzedParsers.Opening(format) where file.Text("recipientKey") == Convert.ToBase64String(s_agency.Key) select file.Input];

    private static IEnumerable<byte[]> RsaEnvelopes() =>
        from file in FuzzedParsers.Opening("sealed-document") where file.Path.Contains("rsa", StringComparison.Ordinal) select SignedMessage.Read(file.Input, file.Input.Length, "a sealed copy").Content.ToArray();

    private static System.Formats.Asn1.AsnReader Reader(ReadOnlyMemory<byte> bytes) => new(bytes, System.Formats.Asn1.AsnEncodingRules.DER);

    private static Verdict Message(byte[] input) => Refusing(() =>
        SignedMessage.Read(input, SealedCopy.LongestLength, "a message") is var message ? FuzzedParsers.Same(input, message.Encode()) : Verdict.Refused);

    /// <summary>What is not known is signed and left out; what is known must come back.</summary>
    private static Verdict Attributes(byte[] input) => Refusing(() =>
    {
        var read = StrictReading.Read(input, "attributes", reader => SignedAttributes.Read(reader.ReadSetOf()));
        var again = StrictReading.Read(read.Encode(), "attributes", reader => SignedAttributes.Read(reader.ReadSetOf()));
        var same = again.ContentType == read.ContentType && again.Digest.Span.SequenceEqual(read.Digest.Span) && again.SigningTime.ToUnixTimeSeconds() == read.SigningTime.ToUnixTimeSeconds()
            && again.CertificateDigest.Span.SequenceEqual(read.CertificateDigest.Span) && (again.Header ?? default).Span.SequenceEqual((read.Header ?? default).Span);
        return same ? Verdict.RoundTrips : Verdict.Differs;
    });

    private static Verdict Receipt(byte[] input) => Refusing(() =>
    {
        _ = SealedReceipt.IsOne(input);
        var verified = SealedReceipt.Verify(input, s_trust, SeededCertificate.Now);
        return s_statements.Contains(verified.Statement) ? Message(input) : Verdict.Differs;
    });

    private static readonly HashSet<string> s_statements = [.. FuzzedParsers.Opening("receipt").Select(file => Encoding.UTF8.GetString(Statement(file)))];

    private static byte[] Statement(VectorFile file) => SignedMessage.Read(file.Input, file.Input.Length, "a receipt").Content.ToArray();

    private static readonly HashSet<string> s_released = [.. VectorFile.Of("sealed-document").Concat(VectorFile.Of("sealed-key")).Select(file => file.Released)];

    private static Verdict Document(byte[] input) => Refusing(() =>
    {
        var opened = SealedCopy.Verify(input, s_trust, SeededCertificate.Now).OpenDocument(s_agency.Certificate);
        return s_released.Contains(Vector.HashOf(opened.Content)) ? Message(input) : Verdict.Differs;
    });

    /// <summary>Two forms are read that are not written: a recipient named by key identifier, and NULL parameters where others leave them out or the reverse.</summary>
    private static Verdict EnvelopeForm(byte[] input) => Refusing(() =>
    {
        var read = Envelope.Read(input);
        if (!read.Key.Recipient.KeyIdentifier.IsEmpty) return Verdict.RoundTrips;
        var written = read.Encode();
        return written.AsSpan().SequenceEqual(input) || IsSame(read, Envelope.Read(written)) ? Verdict.RoundTrips : Verdict.Differs;
    });

    private static bool IsSame(Envelope one, Envelope other) =>
        one.Key.Recipient.Issuer.Span.SequenceEqual(other.Key.Recipient.Issuer.Span) && one.Key.Recipient.Serial == other.Key.Recipient.Serial
        && one.Key.Ephemeral.Span.SequenceEqual(other.Key.Ephemeral.Span) && one.Key.Ciphertext.Span.SequenceEqual(other.Key.Ciphertext.Span)
        && one.Nonce.Span.SequenceEqual(other.Nonce.Span) && one.Ciphertext.Span.SequenceEqual(other.Ciphertext.Span) && one.Tag.Span.SequenceEqual(other.Tag.Span);

    private static Verdict EnvelopeContent(byte[] input) => Refusing(() =>
    {
        var content = Envelope.Read(input).Open(s_agency.Certificate);
        return s_opened.Value.Any(good => good.AsSpan().SequenceEqual(content)) ? Verdict.RoundTrips : Verdict.Differs;
    });

    private static readonly Lazy<byte[][]> s_opened = new(() =>
        [.. ForAgency("sealed-document").Concat(ForAgency("sealed-key")).Select(input => Envelope.Read(SignedMessage.Read(input, input.Length, "a sealed copy").Content).Open(s_agency.Certificate))]);

    /// <summary>JSON has many forms: what was read must come back when it is written and read again.</summary>
    private static Verdict Payload(byte[] input) => Refusing(() =>
    {
        var written = ReceiptPayload.Write(ReceiptPayload.Read(input));
        return FuzzedParsers.Same(written, ReceiptPayload.Write(ReceiptPayload.Read(written)));
    });

    private static byte[] Description() => DocumentPayload.Write(new SealedFile("avis é.pdf", "application/pdf", Seeded.Id("document"), 3, Seeded.Id("consent event")), 100);

    private static Verdict DescriptionRead(byte[] input) => Refusing(() =>
    {
        var file = DocumentPayload.Read(input, 100);
        return file == DocumentPayload.Read(DocumentPayload.Write(file, 100), 100) && SealedFile.IsFileName(file.FileName) ? Verdict.RoundTrips : Verdict.Differs;
    });

    private static byte[] KeyJson(byte[] copy) => Envelope.Read(SignedMessage.Read(copy, copy.Length, "a sealed copy").Content).Open(s_agency.Certificate);

    private static Verdict KeyRead(byte[] input) => Refusing(() =>
    {
        using var key = KeyPayload.Read(input);
        var written = KeyPayload.Write(key);
        using var again = KeyPayload.Read(written);
        return FuzzedParsers.Same(written, KeyPayload.Write(again));
    });

    /// <summary>Loading is the platform's, which says of what it can't load that it is a CryptographicException; all that is behind is ours.</summary>
    private static Verdict Certificate(byte[] input)
    {
        X509Certificate2 certificate;
        try
        {
            certificate = X509CertificateLoader.LoadCertificate(input);
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return Verdict.Refused;
        }

        using (certificate)
            return FuzzedParsers.Refusing<RecipientRefused>(() =>
            {
                var checkedOne = RecipientCertificate.Check(certificate, SeededCertificate.Now, [SeededCertificate.Authority]);
                return FuzzedParsers.Same(certificate.RawData, checkedOne.Certificate.RawData);
            });
    }

    /// <summary>Nothing else may be taken out of it than an authority signed; what stands outside its signature is nobody's word.</summary>
    private static Verdict Stamp(ReadOnlyMemory<byte> token, byte[] input) => RefusingStamp(() =>
    {
        var stamp = TimestampVerification.Verify(token, "a checkpoint"u8, s_stamps);
        return stamp.Time == SeededCertificate.Now && stamp.Policy == SeededStamp.Policy && input.AsSpan().IndexOf(stamp.Token.Span) >= 0 ? Verdict.RoundTrips : Verdict.Differs;
    });

    private static Verdict Refusing(Func<Verdict> read) => FuzzedParsers.Refusing<CmsRefused>(read);

    private static Verdict RefusingStamp(Func<Verdict> read) => FuzzedParsers.Refusing<TimestampRefused>(read);
}
