using CoffreFort.EventStore;

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

/// <summary>A person's vault: who holds it, and which space they belong to.</summary>
public sealed record Vault(Guid Holder, string Address, Personal? HolderName, Guid? Space) : IAggregate<Vault>
{
    public static readonly EventTypes Events = new EventTypes()
        .Add<VaultOpened>("vault_opened")
        .Add<SpaceAssigned>("space_assigned")
        .Add<PostingAnnounced>("posting_announced")
        .Add<PostingCancelled>("posting_cancelled")
        .Add<PostingConsentGiven>("posting_consent_given");

    /// <summary>The one mutation that was announced and has neither taken effect nor been cancelled.</summary>
    public Guid? AnnouncedMutation { get; init; }

    /// <summary>The consents given since the last change of space that are tied to the posting, whether or not they still stand.</summary>
    public IReadOnlyList<Guid> PostingConsents { get; init; } = [];

    public static string StreamType => "vault";

    public static Vault Empty { get; } = new(Guid.Empty, "", null, null);

    public static Vault Evolve(Vault state, IEvent @event) => @event switch
    {
        VaultOpened e => state with { Holder = e.Holder, Address = e.Address, HolderName = e.HolderName },
        SpaceAssigned e => state with { Space = e.Space, AnnouncedMutation = null, PostingConsents = [] },
        PostingAnnounced e => state with { AnnouncedMutation = e.Mutation },
        PostingCancelled => state with { AnnouncedMutation = null },
        PostingConsentGiven e => state with { PostingConsents = [.. state.PostingConsents, e.Consent] },
        _ => state,
    };
}
