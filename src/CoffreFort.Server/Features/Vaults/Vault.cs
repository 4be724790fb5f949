using CoffreFort.EventStore;
using CoffreFort.Server.Features.Erasures;

namespace CoffreFort.Server.Features.Vaults;

/// <summary>A person opened their vault.</summary>
/// <param name="Holder">The person whose vault it is.</param>
/// <param name="Address">Its public address: what the person tells an agency. Not secret, not guessable, no personal data.</param>
/// <param name="HolderName">The name under which the holder appears to those they share with.</param>
public sealed record VaultOpened(Guid Holder, string Address, Personal HolderName) : IEvent;

/// <summary>The vault's holder belongs to an ATLAS space from now on; null when they left the last one.</summary>
/// <param name="Space">The agency that is the space.</param>
/// <param name="Mutation">The mutation that brought them there, if one did.</param>
public sealed record SpaceAssigned(Guid? Space, Guid? Mutation) : IEvent;

/// <summary>A posting was announced: until it takes effect or is cancelled, no other one can be.</summary>
public sealed record PostingAnnounced(Guid Mutation) : IEvent;

/// <summary>The announced posting was cancelled: another one may be announced.</summary>
public sealed record PostingCancelled(Guid Mutation) : IEvent;

/// <summary>
/// A consent tied to the posting was given. It stands here as well, in the same append, so that a mutation ends each of them whatever races with it.
/// </summary>
public sealed record PostingConsentGiven(Guid Consent) : IEvent;

/// <summary>The holder asked for the whole vault to be erased. From here on it is closed to everybody else, and the holder may change their mind until then.</summary>
/// <param name="Due">When it is erased, unless a legal hold stands at that instant.</param>
public sealed record VaultErasureRequested(Guid By, DateTimeOffset Due) : IEvent;

/// <summary>The holder changed their mind in time: everything stands as before.</summary>
public sealed record VaultErasureCancelled(Guid By) : IEvent;

/// <summary>The vault is erased: from here on nothing in it is read and nothing comes into it. Its keys are destroyed next.</summary>
/// <param name="By">The holder who asked for it.</param>
public sealed record VaultErased(Guid By) : IEvent;

/// <summary>All keys under the vault's own were destroyed with it, and its blobs deleted: documents, titles, names, reasons.</summary>
/// <param name="Documents">How many documents it held that were not erased before.</param>
/// <param name="Keys">How many keys they had, and the vault's own two.</param>
/// <param name="Blobs">How many blobs.</param>
/// <param name="FinalAfter">From then on no backup of the keys can bring anything back either.</param>
public sealed record VaultKeysDestroyed(int Documents, int Keys, int Blobs, DateTimeOffset FinalAfter) : IEvent;

/// <summary>By law or by a court's order, a document or all the vault may not be erased for now. A new one on the same takes the place of the last.</summary>
/// <param name="Document">The one document; null for all that the vault holds.</param>
/// <param name="Ground">On what ground, in words that the holder reads.</param>
/// <param name="ReviewOn">When somebody must look whether it is still needed.</param>
/// <param name="Until">When it ends by itself.</param>
public sealed record LegalHoldPlaced(Guid? Document, Personal Ground, DateOnly ReviewOn, DateTimeOffset Until, Guid By) : IEvent;

/// <summary>A legal hold ended before its time.</summary>
public sealed record LegalHoldLifted(Guid? Document, Guid By) : IEvent;

/// <summary>A person's vault: who holds it, and which space they belong to.</summary>
public sealed record Vault(Guid Holder, string Address, Personal? HolderName, Guid? Space) : IAggregate<Vault>
{
    public static readonly EventTypes Events = new EventTypes()
        .Add<VaultOpened>("vault_opened")
        .Add<SpaceAssigned>("space_assigned")
        .Add<PostingAnnounced>("posting_announced")
        .Add<PostingCancelled>("posting_cancelled")
        .Add<PostingConsentGiven>("posting_consent_given")
        .Add<VaultErasureRequested>("vault_erasure_requested")
        .Add<VaultErasureCancelled>("vault_erasure_cancelled")
        .Add<VaultErased>("vault_erased")
        .Add<VaultKeysDestroyed>("vault_keys_destroyed")
        .Add<LegalHoldPlaced>("legal_hold_placed")
        .Add<LegalHoldLifted>("legal_hold_lifted");

    /// <summary>The one mutation that was announced and has neither taken effect nor been cancelled.</summary>
    public Guid? AnnouncedMutation { get; init; }

    /// <summary>The consents given since the last change of space that are tied to the posting, whether or not they still stand.</summary>
    public IReadOnlyList<Guid> PostingConsents { get; init; } = [];

    public Erasure Erasure { get; init; } = Erasure.None;

    /// <summary>At most one for each document, and one for all; also those whose time is over.</summary>
    public IReadOnlyList<LegalHold> Holds { get; init; } = [];

    /// <summary>Until when what a legal hold protects can't be erased; null when none ever stood. Any hold protects the vault as a whole.</summary>
    public DateTimeOffset? HeldUntil(Guid? document = null)
    {
        var holds = Holds.Where(hold => document is null || hold.Protects(document.Value)).Select(hold => hold.Until).ToList();
        return holds.Count == 0 ? null : holds.Max();
    }

    public static string StreamType => "vault";

    public static Vault Empty { get; } = new(Guid.Empty, "", null, null);

    public static Vault Evolve(Vault state, IEvent @event) => @event switch
    {
        VaultOpened e => state with { Holder = e.Holder, Address = e.Address, HolderName = e.HolderName },
        SpaceAssigned e => state with { Space = e.Space, AnnouncedMutation = null, PostingConsents = [] },
        PostingAnnounced e => state with { AnnouncedMutation = e.Mutation },
        PostingCancelled => state with { AnnouncedMutation = null },
        PostingConsentGiven e => state with { PostingConsents = [.. state.PostingConsents, e.Consent] },
        // A posting no longer moves anything.
        VaultErased e => state with { Erasure = state.Erasure with { Erased = true, By = e.By }, AnnouncedMutation = null, PostingConsents = [] },
        LegalHoldPlaced e => state with { Holds = [.. Without(state.Holds, e.Document), new LegalHold(e.Document, e.Ground, e.ReviewOn, e.Until)] },
        LegalHoldLifted e => state with { Holds = [.. Without(state.Holds, e.Document)] },
        _ => state with { Erasure = Evolve(state.Erasure, @event) },
    };

    private static IEnumerable<LegalHold> Without(IReadOnlyList<LegalHold> holds, Guid? document) => holds.Where(hold => hold.Document != document);

    private static Erasure Evolve(Erasure state, IEvent @event) => @event switch
    {
        VaultErasureRequested e => state with { Due = e.Due, By = e.By },
        VaultErasureCancelled => state with { Due = null, By = Guid.Empty },
        VaultKeysDestroyed => state with { Destroyed = true },
        _ => state,
    };
}
