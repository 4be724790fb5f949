using CoffreFort.EventStore;

namespace CoffreFort.Server.Features.Operations;

/// <summary>A view's tables are being built anew beside the live ones.</summary>
/// <param name="Resumed">It goes on with what an interrupted one left.</param>
/// <param name="RetriesSkipped">It tries events again that were skipped by decision.</param>
public sealed record ViewRebuildStarted(Guid Rebuild, string View, int Version, bool Resumed, bool RetriesSkipped) : IEvent;

/// <summary>The new tables have taken the old ones' place.</summary>
/// <param name="Events">How many events this run applied.</param>
/// <param name="Skipped">How many it passed over by decision.</param>
public sealed record ViewRebuilt(Guid Rebuild, string View, int Version, long Position, long Events, long Skipped, long Milliseconds) : IEvent;

/// <summary>The rebuild ended without taking the old tables' place; they stay live.</summary>
/// <param name="Reason">What was the matter, in words that hold nothing of an event.</param>
public sealed record ViewRebuildFailed(Guid Rebuild, string View, string Reason) : IEvent;

/// <summary>An operator had a subscription try the event again at which it stands.</summary>
public sealed record PoisonEventRetried(string Subscription, long Position, string Reason) : IEvent;

/// <summary>An operator decided that a subscription passes over one event: rebuilds of the same version of it do too.</summary>
public sealed record PoisonEventSkipped(string Subscription, long Position, string EventType, string Reason) : IEvent;

/// <summary>An operator had a message sent again that had been given up.</summary>
public sealed record DeadMessageResent(Guid Message, string Destination, string Reason) : IEvent;

/// <summary>
/// An operator went on with a journal that is older or other than what was published, and said why. What was published stays proof of what is missing:
/// the log ends here and another one begins.
/// </summary>
/// <param name="Log">The log that ends; the one that goes on, if only a copy was lost.</param>
/// <param name="ContinuedAs">The log that begins; null if the journal holds all that was published.</param>
/// <param name="Size">How many events the journal held when it was accepted.</param>
/// <param name="Root">The root over them, base 64.</param>
/// <param name="LostFrom">The first event that was published and is missing.</param>
/// <param name="LostTo">The last one that is known to have been published.</param>
/// <param name="Checkpoints">The signed checkpoints that this journal does not lead to.</param>
/// <param name="By">Who, as the machine knows them.</param>
/// <param name="Reason">What happened.</param>
public sealed record RestoredJournalAccepted(
    string Log, string? ContinuedAs, long Size, string Root, long? LostFrom, long? LostTo, IReadOnlyList<string> Checkpoints, Personal By, Personal Reason) : IEvent;

/// <summary>Nothing is below an epoch's key any more; the root's key of it is destroyed next.</summary>
/// <param name="Epoch">The month that is over, such as 202611.</param>
/// <param name="Into">The epoch below which everything is now.</param>
/// <param name="VaultKeys">How many vault keys were taken over.</param>
/// <param name="Replaced">How many more were replaced, because a key below them had been destroyed.</param>
/// <param name="ObjectKeys">How many keys were below those.</param>
/// <param name="Checked">How many vault keys were opened below the other epoch before this was written.</param>
public sealed record KeyEpochRotated(int Epoch, int Into, long VaultKeys, long Replaced, long ObjectKeys, long Checked) : IEvent;

/// <summary>The root's key of an epoch was destroyed: no backup of the key database from before its end opens anything.</summary>
/// <param name="GoneAfter">From when on nobody can bring it back, the key service's operator included.</param>
public sealed record KeyEpochDestroyed(int Epoch, DateTimeOffset GoneAfter) : IEvent;

/// <summary>A vault's key was replaced by one of the next generation, and with it the key of future personal texts.</summary>
/// <param name="Generation">The new one.</param>
/// <param name="ObjectKeys">How many keys were taken over; each was opened below the new one before the old one was destroyed.</param>
public sealed record VaultKeyRotated(Guid Vault, int Generation, long ObjectKeys, string Reason) : IEvent;

/// <summary>
/// What operators did to the system itself: one stream for all of it, so that whoever holds the operator to account reads one list. An act that
/// changes something is appended here before it takes effect, or with it.
/// </summary>
/// <param name="Accepted">The last restored journal that was accepted.</param>
public sealed record OperatorActs(RestoredJournalAccepted? Accepted) : IAggregate<OperatorActs>
{
    /// <summary>The one stream.</summary>
    public static readonly Guid Stream = Guid.Parse("01980000-c0ff-7e00-8000-00000000ac75");

    public static readonly EventTypes Events = new EventTypes()
        .Add<RestoredJournalAccepted>("restored_journal_accepted")
        .Add<ViewRebuildStarted>("view_rebuild_started")
        .Add<ViewRebuilt>("view_rebuilt")
        .Add<ViewRebuildFailed>("view_rebuild_failed")
        .Add<PoisonEventRetried>("poison_event_retried")
        .Add<PoisonEventSkipped>("poison_event_skipped")
        .Add<DeadMessageResent>("dead_message_resent")
        .Add<KeyEpochRotated>("key_epoch_rotated")
        .Add<KeyEpochDestroyed>("key_epoch_destroyed")
        .Add<VaultKeyRotated>("vault_key_rotated");

    public static string StreamType => "operator-acts";

    public static OperatorActs Empty { get; } = new((RestoredJournalAccepted?)null);

    public static OperatorActs Evolve(OperatorActs state, IEvent @event) => @event is RestoredJournalAccepted accepted ? state with { Accepted = accepted } : state;
}
