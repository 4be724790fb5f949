using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Cli.Opening;

/// <summary>One file to open, with what the command line names. The document is written whole and verified, or not at all.</summary>
internal sealed record Opening(string File, string? Key, string? Certificate, string? Ciphertext, string? Target)
{
    public required TextWriter Output { get; init; }

    public required TextWriter Complaints { get; init; }

    public async Task RunAsync(SealTrust trust, CancellationToken cancellation)
    {
        var now = DateTimeOffset.UtcNow;
        var received = await ReadAsync(cancellation);
        if (Receipt(received, trust, now)) return;
        var copy = SealedCopy.Verify(received, trust, now);
        using var recipient = RecipientFile.Read(Key ?? throw new OpenRefusal($"The seal is good. To open the copy, name the key that it is for with --key: {copy.Recipient}."), Certificate);
        if (copy.Profile == SealedCopyProfile.Key) await OpenAsync(copy, recipient, now, cancellation);
        else await WriteAsync(copy, recipient, cancellation);
    }

    /// <summary>A receipt needs no key: what it states goes to the output, once its seal was verified.</summary>
    private bool Receipt(byte[] received, SealTrust trust, DateTimeOffset now)
    {
        if (!SealedReceipt.IsOne(received)) return false;
        var verified = SealedReceipt.Verify(received, trust, now);
        Complaints.WriteLine($"receipt, {Describe(verified.Evidence)}");
        Output.WriteLine(verified.Statement);
        return true;
    }

    private async Task WriteAsync(SealedCopy copy, X509Certificate2 recipient, CancellationToken cancellation)
    {
        if (Ciphertext is not null) throw new OpenRefusal("This copy holds the document itself: it goes without --ciphertext.");
        var opened = copy.OpenDocument(recipient);
        using var file = Create(opened.File);
        await file.Content.WriteAsync(opened.Content, cancellation);
        CryptographicOperations.ZeroMemory(opened.Content);
        Publish(file, opened.File, copy);
    }

    private async Task OpenAsync(SealedCopy copy, X509Certificate2 recipient, DateTimeOffset now, CancellationToken cancellation)
    {
        using var key = copy.OpenKey(recipient, now);
        await using var ciphertext = new FileStream(
            Ciphertext ?? throw new OpenRefusal($"The seal is good. This copy holds the key of {key.FileName}, not the document: name its ciphertext with --ciphertext."), FileMode.Open, FileAccess.Read);
        if (ciphertext.Length != key.CiphertextLength) throw new CryptographicFailure();
        await DocumentVerification.VerifyAsync(ciphertext, ciphertext.Length, key.Key, key.Identity, key.CiphertextSha256, cancellation);

        ciphertext.Position = 0;
        var header = new byte[ContainerLayout.HeaderLength];
        await ciphertext.ReadExactlyAsync(header, cancellation);
        using var opener = new ContainerOpener(key.Key, key.Identity.ContainerContext(), header, ciphertext.Length);
        using var file = Create(key.File);
        await opener.OpenRangeAsync(ciphertext, 0, opener.PlaintextLength, file.Content, cancellation);
        file.Content.Position = 0;
        var hash = await SHA256.HashDataAsync(file.Content, cancellation);
        if (!DocumentCommitment.Matches(key.Secret, key.Identity, hash, key.Commitment.Span)) throw new CryptographicFailure();
        Publish(file, key.File, copy);
    }

    private UnnamedFile Create(SealedFile file) => UnnamedFile.Create(Path.GetFullPath(Target ?? file.FileName));

    private void Publish(UnnamedFile file, SealedFile said, SealedCopy copy)
    {
        file.Publish();
        Output.WriteLine($"{file.Path}: {said.FileName}, {said.MediaType}, {file.Content.Length} bytes");
        Output.WriteLine($"document {said.Document} version {said.Version}, consent event {said.ConsentEvent}");
        Output.WriteLine(Describe(copy.Evidence));
    }

    private static string Describe(SealEvidence evidence)
    {
        var when = evidence switch
        {
            { Timestamp: { } timestamp } => $"timestamped {Instant(timestamp.Time)} by {timestamp.Authority}",
            { HasTimestamp: true } => "with a timestamp that was not checked against an authority (--timestamp-trust)",
            _ => "without a timestamp: the time is the signer's own word",
        };
        return $"sealed {Instant(evidence.SigningTime)} by {evidence.Signer} ({evidence.Fingerprint}), {when}";
    }

    private static string Instant(DateTimeOffset time) => time.ToString("u", CultureInfo.InvariantCulture);

    private async Task<byte[]> ReadAsync(CancellationToken cancellation)
    {
        await using var file = new FileStream(File, FileMode.Open, FileAccess.Read);
        if (file.Length > SealedCopy.LongestLength) throw new CmsRefused(CmsFault.TooLarge, $"{File} has {file.Length} bytes; a sealed copy has at most {SealedCopy.LongestLength}.");
        var received = new byte[file.Length];
        await file.ReadExactlyAsync(received, cancellation);
        return received;
    }
}
