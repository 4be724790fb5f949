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
/// Verifies the signature of a document that was just stored, against the listed issuers. Only what may be signed is looked at, as it is read back from the store; all other
/// documents cost nothing.
/// </summary>
public sealed class SignatureCheck(IBlobStore blobs, IssuerList issuers, Journal journal, RequestKeys keys, ILogger<SignatureCheck> log)
{
    /// <summary>A document is in memory several times while it is verified: two at once on a node, the others wait.</summary>
    private static readonly SemaphoreSlim s_turns = new(2);

    /// <param name="trace">What was seen of it as it came in.</param>
    /// <param name="identity">Where it belongs.</param>
    /// <param name="blob">Where it lies.</param>
    /// <param name="document">What is known of it.</param>
    /// <param name="key">The key that it was sealed with.</param>
    /// <param name="evidenceType">As what it is deposited.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null when it is not signed.</returns>
    public async Task<SignatureFound?> FindAsync(
        SignatureTrace trace, DocumentIdentity identity, BlobName blob, SealedDocument document, SecretKey key, string evidenceType, CancellationToken cancellation)
    {
        if (!trace.MayBeSigned) return null;
        var found = document.Length > IssuerVerification.LongestDocument
            ? new IssuerSignature(IssuerVerdict.Unchecked, IssuerFault.TooLarge)
            : await VerifyAsync(identity, blob, document, key, evidenceType, cancellation);
        return found.Verdict == IssuerVerdict.None ? null : new SignatureFound(Name(found.Verdict))
        {
            Reason = found.Fault is { } fault ? Name(fault) : null, ClaimedAt = found.ClaimedAt,
            Issuer = await keys.SealAsync(identity.Vault, identity.Document, found.Issuer, cancellation),
            Signer = await keys.SealAsync(identity.Vault, identity.Document, found.Signer, cancellation),
            Anchor = await keys.SealAsync(identity.Vault, identity.Document, found.Anchor, cancellation),
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
            if (await ContentVerification.OpenAsync(blobs, blob, document.SealedLength, identity, key, into, cancellation) is { } finding)
                throw new BlobStoreUnavailableException(new InvalidDataException($"What was stored is {finding} when it is read once more."));
            return Judge(content, evidenceType, now);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
            s_turns.Release();
        }
    }

    /// <summary>A stranger's signature is never the reason to refuse a deposit, whatever it does to whoever reads it.</summary>
    private IssuerSignature Judge(byte[] content, string evidenceType, DateTimeOffset now)
    {
        try
        {
            return IssuerVerification.Verify(content, evidenceType, issuers.Issuers, now);
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
