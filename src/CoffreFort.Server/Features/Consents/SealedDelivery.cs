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
            if (await ReadAsync(reading.Identity, stored, key, content, cancellation) is { } finding)
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

    /// <returns>What is wrong with the stored bytes (one of <see cref="Findings"/>), or null.</returns>
    private async Task<string?> ReadAsync(DocumentIdentity identity, StoredContent stored, SecretKey key, byte[] content, CancellationToken cancellation)
    {
        if (await ContentVerification.FindAsync(blobs, stored.Blob, stored.SealedSize, identity, key, long.MaxValue, cancellation) is { } finding) return finding;
        try
        {
            var header = new byte[ContainerLayout.HeaderLength];
            await using var blob = await blobs.OpenReadAsync(stored.Blob, cancellationToken: cancellation);
            await blob.ReadExactlyAsync(header, cancellation);
            using var opener = new ContainerOpener(key, identity.ContainerContext(), header, stored.SealedSize);
            using var into = new MemoryStream(content);
            await opener.OpenRangeAsync(blob, 0, stored.Size, into, cancellation);
            return null;
        }
        catch (Exception failure) when (failure is CryptographicFailure or EndOfStreamException or NotSupportedException)
        {
            return Findings.Damaged;
        }
        catch (BlobNotFoundException)
        {
            return Findings.Missing;
        }
    }

    /// <summary>What the depositor's device called it, unless no recipient's system could take that as a file's name.</summary>
    private async Task<string> NameAsync(AdmittedReading reading, CancellationToken cancellation) =>
        await keys.RevealAsync(reading.Identity.Vault, reading.Version.Content.FileName, cancellation) is { } name && SealedFile.IsFileName(name) ? name : "document";
}
