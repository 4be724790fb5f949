using CoffreFort.Cryptography;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Keys;

namespace CoffreFort.Server.Features.Documents;

/// <summary>Takes a document's bytes in: hashed, sealed and stored in one pass, durable and read back before anything is said about them.</summary>
public sealed class SealContent(
    KeyStore keys, KeyDestruction destruction, RequestKeys request, IBlobStore blobs, DepositLimit limit, SignatureCheck signatures, KeptSignature kept, ILogger<SealContent> log)
{
    /// <returns>Where the content lies, or a refusal; a blob is left only with the former.</returns>
    public async Task<(StoredContent? Content, Refusal? Refusal)> StoreAsync(
        DocumentIdentity identity, IncomingFile file, string fileName, string evidenceType, CancellationToken cancellation)
    {
        var name = BlobName.New();
        using var documentKeys = await keys.CreateDocumentAsync(identity, name, cancellation);
        if (documentKeys is null) return (null, Erased(identity));
        try
        {
            var stored = await SealAsync(identity, name, documentKeys, file, fileName, evidenceType, cancellation);
            if (stored.Refusal is not null) await destruction.UploadAsync(identity.Vault, identity.Document, name, cancellation);
            return stored;
        }
        catch
        {
            // Nothing will name what was received so far: its keys go, so that no copy of it can ever be opened. The sweeper finds the blob.
            await ForgetAsync(identity, name);
            throw;
        }
    }

    private async Task<(StoredContent? Content, Refusal? Refusal)> SealAsync(
        DocumentIdentity identity, BlobName name, DocumentKeys documentKeys, IncomingFile file, string fileName, string evidenceType, CancellationToken cancellation)
    {
        var traced = new TracedBody(file.Body);
        await using var upload = await blobs.BeginAsync(name, cancellation);
        SealedDocument document;
        try
        {
            document = await DocumentSealing.SealAsync(
                traced, upload.Stream, documentKeys.Content, documentKeys.Commitment, identity, limit.Bytes, cancellation);
        }
        catch (DocumentTooLarge)
        {
            return (null, limit.TooLarge);
        }

        if (document.Length == 0) return (null, Empty);
        var (signature, unusable) = await file.SignatureAsync(cancellation);
        if (unusable is not null) return (null, unusable);

        await upload.CommitAsync(cancellation);
        // A store may say that it keeps what it does not: nothing is acknowledged that it has not given back whole.
        if (await ContentVerification.FindAsync(blobs, name, document.SealedLength, identity, documentKeys.Content, long.MaxValue, cancellation) is { } finding)
            throw new BlobStoreUnavailableException(new InvalidDataException($"What was stored is {finding} when it is read back; the store had reported success."));
        if (await request.IsErasedAsync(identity.Vault, identity.Document, cancellation))
        {
            await blobs.DeleteAsync(name, cancellation);
            return (null, Erased(identity));
        }

        var mediaType = MediaTypes.Recognise(document.Head);
        var personalName = await request.SealAsync(identity.Vault, identity.Document, FileNames.Clean(fileName, mediaType), cancellation);
        return (new StoredContent(
            name, document.Length, document.SealedLength, mediaType, personalName!,
            Convert.ToHexStringLower(document.CiphertextSha256), Convert.ToHexStringLower(document.Commitment))
        {
            Signature = await signatures.FindAsync(traced.Trace, signature, identity, name, document, documentKeys.Content, evidenceType, cancellation),
        }, null);
    }

    /// <summary>
    /// A repeated deposit has its first one's outcome, if it brings the same signature file: another one, or one that did not come then, would be lost without a word. Of the document
    /// itself only its length was compared.
    /// </summary>
    public async Task<Outcome> RepeatedAsync(Outcome outcome, IncomingFile file, CancellationToken cancellation)
    {
        if (outcome.Written is not { Repeated: true, Events: [var first, ..] }) return outcome;
        var (signature, unusable) = await file.SignatureAsync(cancellation);
        if (unusable is not null) return unusable;
        return await kept.CameAsync(first, signature, cancellation) ? outcome : ActRunner.KeyReused;
    }

    /// <summary>Takes back what <see cref="StoreAsync"/> stored and no event will name. What can't be deleted now, the sweeper finds.</summary>
    public async Task DiscardAsync(DocumentIdentity identity, StoredContent content)
    {
        try
        {
            await destruction.UploadAsync(identity.Vault, identity.Document, content.Blob, CancellationToken.None);
            await blobs.DeleteAsync(content.Blob, CancellationToken.None);
        }
        catch (Exception failure) when (failure is BlobStoreException or Npgsql.NpgsqlException)
        {
            log.LogWarning(failure, "What a refused upload left could not be deleted; the sweeper will find it");
        }
    }

    private async Task ForgetAsync(DocumentIdentity identity, BlobName name)
    {
        try
        {
            await destruction.UploadAsync(identity.Vault, identity.Document, name, CancellationToken.None);
        }
        catch (Npgsql.NpgsqlException failure)
        {
            log.LogWarning(failure, "The keys of an upload that failed could not be deleted");
        }
    }

    // A first version has nothing but the vault above it that can have been erased.
    private static Refusal Erased(DocumentIdentity identity) => identity.Version == 1 ? ErasureRefusals.VaultErased : ErasureRefusals.Erased;

    private static Refusal Empty { get; } = new("empty-document", "Le fichier est vide. Rien n'a été enregistré : choisissez un autre fichier.", 422);
}
