using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;

namespace CoffreFort.Server.Features.Documents;

/// <summary>Reads documents from their streams, for their holder.</summary>
public sealed class DocumentReader(Journal journal, RequestKeys keys, ErasureReader erasures)
{
    /// <summary>The document with the version of its stream and the event that last deposited a version, or null.</summary>
    public async Task<DocumentView?> FindAsync(Guid id, CancellationToken cancellation)
    {
        var events = await journal.FetchStreamAsync(id, cancellation: cancellation);
        var (document, version) = Fold.Of<Document>(events);
        if (document.Versions.Count == 0) return null;
        var deposited = events.Last(stored => stored.Body is DocumentDeposited or VersionDeposited);
        var vault = (await journal.AggregateStreamAsync<Vault>(document.Vault, cancellation: cancellation))!;
        var erasure = await erasures.OfDocumentAsync(id, events, vault, cancellation);
        return await ViewAsync(id, document, version, vault, (deposited.Id, deposited.Timestamp), erasure, cancellation);
    }

    /// <summary>All versions, oldest first.</summary>
    public async Task<IReadOnlyList<VersionView>> VersionsAsync(Guid id, CancellationToken cancellation)
    {
        var events = await journal.FetchStreamAsync(id, cancellation: cancellation);
        var (document, _) = Fold.Of<Document>(events);
        var deposits = events.Where(stored => stored.Body is DocumentDeposited or VersionDeposited).ToList();
        var views = new List<VersionView>();
        foreach (var (version, deposited) in document.Versions.Zip(deposits))
        {
            views.Add(new VersionView(
                version.Number, version.Content.Size, version.Content.MediaType,
                document.Erasure.Erased ? null : await keys.RevealAsync(document.Vault, version.Content.FileName, cancellation),
                deposited.Timestamp, deposited.Id, version.Dates.IssuedOn, version.Dates.ExpiresOn, version.Dates.Period)
            {
                Signature = document.Erasure.Erased ? null : await SignatureView.OfAsync(version.Content.Signature, document.Vault, keys, cancellation),
            });
        }

        return views;
    }

    /// <summary>What this request has deposited: told from what this node remembers of it, and fetched only if somebody else has changed it already.</summary>
    public async Task<IResult> AnswerAsync(HttpContext http, Outcome outcome, CancellationToken cancellation)
    {
        var id = outcome.Stream;
        if (outcome.Written is not { Repeated: false, Events: [var deposited] } written || journal.Recalled<Document>(id) is not { Version: 1 } document
            || journal.Recalled<Vault>(document.State.Vault) is not { State.Erasure.IsClosed: false } vault) return await AnswerAsync(http, id, created: true, cancellation);
        var view = await ViewAsync(id, document.State, document.Version, vault.State, (deposited.EventId, written.Timestamp), null, cancellation);
        return http.Versioned(view, view.StreamVersion, $"/api/v1/documents/{id}");
    }

    public async Task<IResult> AnswerAsync(HttpContext http, Guid id, bool created, CancellationToken cancellation)
    {
        var view = await FindAsync(id, cancellation) ?? throw new InvalidOperationException("A document that was just written is not there.");
        return http.Versioned(view, view.StreamVersion, created ? $"/api/v1/documents/{id}" : null);
    }

    private async Task<DocumentView> ViewAsync(
        Guid id, Document document, long version, Vault vault, (Guid Event, DateTimeOffset At) deposited, ErasureView? erasure, CancellationToken cancellation)
    {
        var latest = document.Latest;
        // Also in the moments before its keys are destroyed.
        var texts = document.Erasure.Erased || vault.Erasure.Erased ? null : document;
        return new DocumentView(
            id, document.Vault, document.EvidenceType, await keys.RevealAsync(document.Vault, texts?.Title, cancellation),
            latest.Number, latest.Content.Size, latest.Content.MediaType,
            await keys.RevealAsync(document.Vault, texts?.Latest.Content.FileName, cancellation), deposited.At, $"/api/v1/receipts/{deposited.Event}",
            latest.Dates.IssuedOn, latest.Dates.ExpiresOn, latest.Dates.Period)
        {
            StreamVersion = version, Signature = await SignatureView.OfAsync(texts?.Latest.Content.Signature, document.Vault, keys, cancellation), Erasure = erasure,
            Hold = erasure?.Hold ?? await erasures.HoldAsync(document.Vault, vault, hold => hold.Protects(id), cancellation),
        };
    }
}

/// <summary>A document as its holder sees it; texts are null once erased.</summary>
/// <param name="Version">The newest version's number.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="MediaType">Its type, by its first bytes.</param>
public sealed record DocumentView(
    Guid Id, Guid Vault, string EvidenceType, string? Title, int Version, long Size, string MediaType, string? FileName,
    DateTimeOffset DepositedAt, string Receipt, DateOnly? IssuedOn, DateOnly? ExpiresOn, string? Period)
{
    /// <summary>The signature that its newest version brought along; null for none.</summary>
    public SignatureView? Signature { get; init; }

    /// <summary>How far its erasure has come; null while nobody asked for it.</summary>
    public ErasureView? Erasure { get; init; }

    /// <summary>The legal hold that puts an erasure off, if one stands.</summary>
    public HoldView? Hold { get; init; }

    /// <summary>In a list: its erasure is asked for.</summary>
    public bool IsErasing { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public long StreamVersion { get; init; }
}

/// <summary>One version of a document as its holder sees it.</summary>
/// <param name="Event">The event that deposited it.</param>
public sealed record VersionView(
    int Number, long Size, string MediaType, string? FileName, DateTimeOffset DepositedAt, Guid Event, DateOnly? IssuedOn, DateOnly? ExpiresOn, string? Period)
{
    /// <summary>The signature that it brought along; null for none.</summary>
    public SignatureView? Signature { get; init; }
}
