using System.Text.Json.Serialization;
using CoffreFort.EventStore;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Features.Signatures;

namespace CoffreFort.Server.Features.Documents;

/// <summary>A document was deposited for the first time; this is its version 1.</summary>
/// <param name="Vault">The vault it lies in.</param>
/// <param name="Subject">The person it is about.</param>
/// <param name="Depositor">The person who deposited it. The holder is the vault's.</param>
public sealed record DocumentDeposited(
    Guid Vault, string EvidenceType, Personal Title, Guid Subject, Guid Depositor, StoredContent Content, StatedDates Dates) : IEvent;

/// <summary>A newer version supersedes the last one, which stays as it is.</summary>
/// <param name="Number">From 2.</param>
public sealed record VersionDeposited(int Number, Guid Depositor, StoredContent Content, StatedDates Dates) : IEvent;

/// <summary>The holder corrected what is said about the document, not the document.</summary>
public sealed record DocumentDescribed(Personal Title, StatedDates Dates) : IEvent;

/// <summary>Content was about to leave towards the holder or a helper; no byte left before this was durable.</summary>
public sealed record DocumentRead(int Version, Guid Reader, [property: OneOf(typeof(Uses))] string Use) : IEvent;

/// <summary>A version's stored bytes are not the ones that were deposited, or are gone; nothing of them was released.</summary>
public sealed record IntegrityFailed(int Version, [property: OneOf(typeof(Findings))] string Finding) : IEvent;

/// <summary>The holder asked for the document to be erased. From here on it is closed to everybody else, and the holder may change their mind until then.</summary>
/// <param name="Due">When it is erased, unless a legal hold stands at that instant.</param>
public sealed record DocumentErasureRequested(Guid By, DateTimeOffset Due) : IEvent;

/// <summary>The holder changed their mind in time: everything stands as before.</summary>
public sealed record DocumentErasureCancelled(Guid By) : IEvent;

/// <summary>The document is erased: from here on nothing of it is read, by anybody. Its keys are destroyed next.</summary>
/// <param name="By">The holder who asked for it.</param>
public sealed record DocumentErased(Guid By, [property: OneOf(typeof(ErasureCauses))] string Cause) : IEvent;

/// <summary>The keys of all the document's versions and of its own texts were destroyed, and its blobs deleted.</summary>
/// <param name="Vault">The vault that it lay in.</param>
/// <param name="Keys">How many keys it had.</param>
/// <param name="Blobs">How many blobs.</param>
/// <param name="FinalAfter">From then on no backup of the keys can bring it back either.</param>
public sealed record KeyDestroyed(Guid Vault, int Keys, int Blobs, DateTimeOffset FinalAfter) : IEvent;

// sample: stored-content
/// <summary>Where one version's bytes lie, and what proves them.</summary>
/// <param name="Size">Plaintext bytes.</param>
/// <param name="SealedSize">Ciphertext bytes: the blob's length.</param>
/// <param name="MediaType">As far as the first bytes tell; <c>application/octet-stream</c> when they don't.</param>
/// <param name="CiphertextSha256">Lower-case hex. Never a hash of the plaintext: forms are guessable.</param>
/// <param name="Commitment">Lower-case hex: an HMAC of the plaintext's hash under a secret that erasure destroys.</param>
public sealed record StoredContent(
    BlobName Blob, long Size, long SealedSize, string MediaType, Personal FileName, string CiphertextSha256, string Commitment)
{
    /// <summary>What was found of the signature that it brought along; null for none.</summary>
    public SignatureFound? Signature { get; init; }

    /// <summary>How many bytes the signature file has that came beside it, or up to two less; 0 for none. Known from the event only.</summary>
    [JsonIgnore]
    public int SignatureBytes => Signature?.Message is { } file ? file.Length / 4 * 3 - 2 : 0;
}
// end-sample

/// <summary>What the depositor says of the document's dates; no machine reads them for certain.</summary>
public sealed record StatedDates(DateOnly? IssuedOn = null, DateOnly? ExpiresOn = null, string? Period = null)
{
    /// <summary>As typed: a period on one line, without what can't be seen; an empty one is none.</summary>
    public static StatedDates Of(DateOnly? issuedOn, DateOnly? expiresOn, string? period) =>
        new(issuedOn, expiresOn, FileNames.CleanTitle(period ?? "") is { Length: > 0 } clean ? clean : null);

    /// <summary>What no deposit, version or correction may state.</summary>
    public Refusal? Refuse() => ExpiresOn < IssuedOn ? Reversed : null;

    /// <summary>Why the period is none that a document of this type can be about: it is written exactly as the type's unit says, and most types have none.</summary>
    public Refusal? RefusePeriod(EvidenceType? type)
    {
        if (Period is null) return null;
        if (type?.PeriodUnit is not { } unit) return NoPeriod;
        return Catalogue.Period.Parse(unit, Period) is null ? UnreadablePeriod with { Arguments = [DateFields.Example(unit)] } : null;
    }

    private static Refusal Reversed { get; } = new(
        "dates-reversed", "La date de fin précède la date d'établissement. Rien n'a été enregistré.", 422);

    private static Refusal UnreadablePeriod { get; } = new("unreadable-period", "Cette période n'est pas lisible : écrivez-la comme {0}.", 422);

    private static Refusal NoPeriod { get; } = new(
        "no-period", "Ce type de justificatif n'a pas de période : laissez-la vide. Rien n'a été enregistré.", 422);
}

public static class Uses
{
    public const string Download = "download";
    public const string Preview = "preview";
}

public static class Findings
{
    public const string Missing = "missing";
    public const string Damaged = "damaged";
}

public static class ErasureCauses
{
    /// <summary>The holder had the document erased.</summary>
    public const string Document = "document";

    /// <summary>The holder had the whole vault erased.</summary>
    public const string Vault = "vault";
}

/// <summary>One version of a document. Versions are never overwritten.</summary>
public sealed record DocumentVersion(int Number, Guid Depositor, StoredContent Content, StatedDates Dates);

/// <summary>A document in a vault, with all its versions.</summary>
public sealed record Document(
    Guid Vault, string EvidenceType, Personal? Title, Guid Subject, IReadOnlyList<DocumentVersion> Versions) : IAggregate<Document>
{
    public static readonly EventTypes Events = new EventTypes()
        .Add<DocumentDeposited>("document_deposited")
        .Add<VersionDeposited>("version_deposited")
        .Add<DocumentDescribed>("document_described")
        .Add<DocumentRead>("document_read")
        .Add<IntegrityFailed>("integrity_failed")
        .Add<DocumentErasureRequested>("document_erasure_requested")
        .Add<DocumentErasureCancelled>("document_erasure_cancelled")
        .Add<DocumentErased>("document_erased")
        .Add<KeyDestroyed>("key_destroyed");

    public static string StreamType => "document";

    public static Document Empty { get; } = new(Guid.Empty, "", null, Guid.Empty, []);

    public Erasure Erasure { get; init; } = Erasure.None;

    /// <summary>Erased as a part of its vault.</summary>
    public bool ErasedWithVault { get; init; }

    /// <summary>How many bytes the signature files of all its versions have together: whoever fetches the stream fetches them too.</summary>
    public long SignatureBytes { get; init; }

    public DocumentVersion Latest => Versions[^1];

    public DocumentVersion? Find(int number) => Versions.FirstOrDefault(version => version.Number == number);

    public static Document Evolve(Document state, IEvent @event) => @event switch
    {
        DocumentDeposited e => new Document(e.Vault, e.EvidenceType, e.Title, e.Subject, [new DocumentVersion(1, e.Depositor, Kept(e.Content), e.Dates)])
        {
            SignatureBytes = e.Content.SignatureBytes,
        },
        VersionDeposited e => state with
        {
            Versions = [.. state.Versions, new DocumentVersion(e.Number, e.Depositor, Kept(e.Content), e.Dates)],
            SignatureBytes = state.SignatureBytes + e.Content.SignatureBytes,
        },
        DocumentDescribed e => state with
        {
            Title = e.Title,
            Versions = [.. state.Versions.SkipLast(1), state.Latest with { Dates = e.Dates }],
        },
        // Also where its key might come back with an older key database, nobody is shown it.
        DocumentErased e => state with { Title = null, Erasure = state.Erasure with { Erased = true, By = e.By }, ErasedWithVault = e.Cause == ErasureCauses.Vault },
        _ => state with { Erasure = Evolve(state.Erasure, @event) },
    };

    private static StoredContent Kept(StoredContent content) => content with { Signature = content.Signature?.WithoutMessage() };

    private static Erasure Evolve(Erasure state, IEvent @event) => @event switch
    {
        DocumentErasureRequested e => state with { Due = e.Due, By = e.By },
        DocumentErasureCancelled => state with { Due = null, By = Guid.Empty },
        KeyDestroyed => state with { Destroyed = true },
        _ => state,
    };
}
