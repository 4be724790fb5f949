using System.Security.Cryptography;
using System.Text.Json;
using CoffreFort.Cryptography;
using CoffreFort.Cryptography.Issuers;
using CoffreFort.EventStore;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Keys;

namespace CoffreFort.Server.Features.Signatures;

/// <summary>
/// Verifies the signature of a document that was just stored, against the listed issuers: the one that came beside it, else the one inside. Only what may be signed is looked at, as it is
/// read back from the store; all other documents cost nothing.
/// </summary>
public sealed class SignatureCheck(IBlobStore blobs, IssuerList issuers, Journal journal, RequestKeys keys, ILogger<SignatureCheck> log)
{
    /// <summary>A document is in memory several times while it is verified: two at once on a node, the others wait.</summary>
    private static readonly SemaphoreSlim s_turns = new(2);

    /// <param name="trace">What was seen of it as it came in.</param>
    /// <param name="beside">The signature file that came beside it; null for none. It is over all of the document, also over a signature inside, which is then not looked at.</param>
    /// <param name="identity">Where it belongs.</param>
    /// <param name="blob">Where it lies.</param>
    /// <param name="document">What is known of it.</param>
    /// <param name="key">The key that it was sealed with.</param>
    /// <param name="evidenceType">As what it is deposited.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null when it is not signed.</returns>
    public async Task<SignatureFound?> FindAsync(
        SignatureTrace trace, byte[]? beside, DocumentIdentity identity, BlobName blob, SealedDocument document, SecretKey key, string evidenceType, CancellationToken cancellation)
    {
        if (beside is null && !trace.MayBeSigned) return null;
        var found = beside is not null ? await VerifyBesideAsync(beside, identity, blob, document, key, evidenceType, cancellation)
            : document.Length > IssuerVerification.LongestDocument ? new IssuerSignature(IssuerVerdict.Unchecked, IssuerFault.TooLarge)
            : await VerifyAsync(identity, blob, document, key, evidenceType, cancellation);
        return found.Verdict == IssuerVerdict.None ? null : new SignatureFound(Name(found.Verdict))
        {
            Reason = found.Fault is { } fault ? Name(fault) : null, ClaimedAt = found.ClaimedAt,
            Issuer = await keys.SealAsync(identity.Vault, identity.Document, found.Issuer, cancellation),
            Signer = await keys.SealAsync(identity.Vault, identity.Document, found.Signer, cancellation),
            Anchor = await keys.SealAsync(identity.Vault, identity.Document, found.Anchor, cancellation),
            Message = await keys.SealAsync(identity.Vault, identity.Document, beside is null ? null : Convert.ToBase64String(beside), cancellation),
        };
    }

    private async Task<IssuerSignature> VerifyAsync(
        DocumentIdentity identity, BlobName blob, SealedDocument document, SecretKey key, string evidenceType, CancellationToken cancellation)
    {
        var now = await journal.NowAsync(cancellation);
        await s_turns.WaitAsync(cancellation);
        var content = new byte[document.Length];
        try
        {
            using var into = new MemoryStream(content);
            await OpenAsync(identity, blob, document, key, into, cancellation);
            return Judge(() => IssuerVerification.Verify(content, evidenceType, issuers.Issuers, now));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
            s_turns.Release();
        }
    }

    /// <summary>Of the document no more than a hash is kept, however long it is: which one, the signature says.</summary>
    private async Task<IssuerSignature> VerifyBesideAsync(
        byte[] signature, DocumentIdentity identity, BlobName blob, SealedDocument document, SecretKey key, string evidenceType, CancellationToken cancellation)
    {
        byte[] digest = [];
        if (IssuerVerification.HashOf(signature) is { } hash)
        {
            await using var hashing = new Hashing(hash, document.Length);
            await OpenAsync(identity, blob, document, key, hashing, cancellation);
            digest = hashing.Digest();
        }

        var now = await journal.NowAsync(cancellation);
        return Judge(() => IssuerVerification.VerifyDetached(digest, signature, evidenceType, issuers.Issuers, now));
    }

    private async Task OpenAsync(DocumentIdentity identity, BlobName blob, SealedDocument document, SecretKey key, Stream into, CancellationToken cancellation)
    {
        if (await ContentVerification.OpenAsync(blobs, blob, document.SealedLength, identity, key, into, cancellation) is { } finding)
            throw new BlobStoreUnavailableException(new InvalidDataException($"What was stored is {finding} when it is read once more."));
    }

    /// <summary>A stranger's signature is never the reason to refuse a deposit, whatever it does to whoever reads it.</summary>
    private IssuerSignature Judge(Func<IssuerSignature> verify)
    {
        try
        {
            return verify();
        }
#pragma warning disable CA1031 // It should not throw; if it does, the document is the person's all the same. The message might quote the document.
        catch (Exception fault)
        {
            log.LogError("A signature could not be looked at: {Fault}", fault.GetType().Name);
            return new IssuerSignature(IssuerVerdict.Unchecked, IssuerFault.Form);
        }
#pragma warning restore CA1031
    }

    private static string Name<T>(T value)
        where T : Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
