using System.Security.Cryptography;
using CoffreFort.Cryptography;
using CoffreFort.Cryptography.Cms;
using CoffreFort.EventStore;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Sealing;

namespace CoffreFort.Server.Features.Consents;

/// <summary>Makes sealed copies (docs/spec/sealed-copy.md), timestamped when an authority answers: of a document, or of its key; either way the stored ciphertext was verified whole. Nothing leaves here.</summary>
public sealed class SealedDelivery(KeyStore keys, IBlobStore blobs, ServerSeal seals, SealTimestamps timestamps, IntegrityIncidents incidents, Journal journal, TimeProvider clock)
{
    /// <summary>A document is in memory several times while it is sealed: two at once on a node, the others wait.</summary>
    private static readonly SemaphoreSlim s_turns = new(2);

    /// <returns>The copy (DER), or why there is none.</returns>
    /// <exception cref="SealUnusableException">Nothing can be sealed now.</exception>
    internal async Task<(byte[]? Copy, Refusal? Refusal)> MakeAsync(Guid consent, AdmittedReading reading, RecipientCertificate recipient, CancellationToken cancellation)
    {
        var seal = await seals.ToUseAsync(cancellation);
        var granted = (await journal.FetchStreamAsync(consent, version: 1, cancellation: cancellation))[0];
        using var key = await keys.DocumentAsync(reading.Identity, reading.Version.Content.Blob, cancellation);
        if (key is null) return (null, Refusal.NotFound);
        var (made, refusal) = reading.Command.Profile == SealedProfiles.Key
            ? await SealKeyAsync(reading, granted.Id, key, recipient, seal.Seal, cancellation)
            : await SealDocumentInTurnAsync(reading, granted.Id, key, recipient, seal.Seal, cancellation);
        if (made is null) return (null, refusal);
        return (await timestamps.TryAsync(made, cancellation) is { } timestamp ? SignatureTimestamp.Attach(made, timestamp) : made, null);
    }

    private async Task<(byte[]? Copy, Refusal? Refusal)> SealDocumentInTurnAsync(
        AdmittedReading reading, Guid granted, SecretKey key, RecipientCertificate recipient, Seal seal, CancellationToken cancellation)
    {
        await s_turns.WaitAsync(cancellation);
        try
        {
            return await SealDocumentAsync(reading, granted, key, recipient, seal, cancellation);
        }
        finally
        {
            s_turns.Release();
        }
    }

    private async Task<(byte[]? Copy, Refusal? Refusal)> SealDocumentAsync(
        AdmittedReading reading, Guid granted, SecretKey key, RecipientCertificate recipient, Seal seal, CancellationToken cancellation)
    {
        var stored = reading.Version.Content;
        var content = new byte[stored.Size];
        try
        {
            using var into = new MemoryStream(content);
            if (await ContentVerification.OpenAsync(blobs, stored.Blob, stored.SealedSize, reading.Identity, key, into, cancellation) is { } finding)
                return (null, await NoteAsync(reading, finding));

            var file = new SealedFile(await NameAsync(reading, cancellation), stored.MediaType, reading.Identity.Document, reading.Identity.Version, granted);
            return (SealedCopy.SealDocument(file, content, recipient, seal, clock.GetUtcNow()), null);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private async Task<(byte[]? Copy, Refusal? Refusal)> SealKeyAsync(
        AdmittedReading reading, Guid granted, SecretKey key, RecipientCertificate recipient, Seal seal, CancellationToken cancellation)
    {
        var stored = reading.Version.Content;
        using var secret = await keys.CommitmentAsync(reading.Identity, stored.Blob, cancellation);
        if (secret is null) return (null, Refusal.NotFound);
        // A key to what is not there, or not whole, would cost the agency a reading and give it nothing.
        if (await ContentVerification.FindAsync(blobs, stored.Blob, stored.SealedSize, reading.Identity, key, long.MaxValue, cancellation) is { } finding) return (null, await NoteAsync(reading, finding));
        using var handed = new DocumentKey(SecretKey.CopyOf(key.Bytes), SecretKey.CopyOf(secret.Bytes))
        {
            Identity = reading.Identity, CiphertextLength = stored.SealedSize, CiphertextSha256 = Convert.FromHexString(stored.CiphertextSha256),
            Commitment = Convert.FromHexString(stored.Commitment), FileName = await NameAsync(reading, cancellation), MediaType = stored.MediaType, ConsentEvent = granted,
            Expires = reading.Granted.Until,
        };
        return (SealedCopy.SealKey(handed, recipient, seal, clock.GetUtcNow()), null);
    }

    private async Task<Refusal> NoteAsync(AdmittedReading reading, string finding)
    {
        // Erased under the reader's hands: the keys go before the blob does.
        using var still = await keys.DocumentAsync(reading.Identity, reading.Version.Content.Blob, CancellationToken.None);
        if (still is null) return Refusal.NotFound;
        await incidents.NoteAsync(reading.Identity.Document, new IntegrityFailed(reading.Version.Number, finding));
        return OpenContent.IntegrityBroken;
    }

    /// <summary>What the depositor's device called it, unless no recipient's system could take that as a file's name.</summary>
    private async Task<string> NameAsync(AdmittedReading reading, CancellationToken cancellation) =>
        await keys.RevealAsync(reading.Identity.Vault, reading.Version.Content.FileName, cancellation) is { } name && SealedFile.IsFileName(name) ? name : "document";
}
