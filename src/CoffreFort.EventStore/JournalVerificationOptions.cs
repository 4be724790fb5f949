using CoffreFort.Transparency;

namespace CoffreFort.EventStore;

/// <summary>What a <see cref="JournalVerification"/> is told besides the database. Immutable.</summary>
public sealed record JournalVerificationOptions
{
    /// <summary>Told now and then how many events are done, and of how many.</summary>
    public IProgress<(long Done, long Size)>? Progress { get; init; }

    /// <summary>Told of each damage as it is found, also of those that the verdict only counts.</summary>
    public Action<JournalDamage>? Found { get; init; }

    /// <summary>The kind of stream that an event's stored type belongs to; null when that is not to be verified.</summary>
    public IReadOnlyDictionary<string, string>? StreamKinds { get; init; }

    /// <summary>The key under which a log of this origin signs its checkpoints, or null when it is not known; then signatures are not verified.</summary>
    public Func<string, NoteVerifierKey?> LogKey { get; init; } = _ => null;
}
