using CoffreFort.EventStore;

namespace CoffreFort.Server.Checkpoints;

/// <summary>How the journal's head stands to what was published.</summary>
/// <param name="Size">The journal's size.</param>
/// <param name="Root">Its root.</param>
/// <param name="Last">The last checkpoint that the database knows.</param>
/// <param name="Findings">What does not fit.</param>
/// <param name="Unasked">Why no witness was asked; null when all were.</param>
public sealed record ForkReport(long Size, ReadOnlyMemory<byte> Root, StoredCheckpoint? Last, IReadOnlyList<ForkFinding> Findings, string? Unasked)
{
    /// <summary>The log that an operator's act began over this journal, as long as it has published nothing.</summary>
    public string? Begun { get; init; }

    /// <summary>In words, that no witness was asked, and why; nothing when they were.</summary>
    public string SayUnasked() => Unasked is null ? "" : $"No witness was asked: {Unasked}.";

    /// <summary>Something published is not known to be on the way to this head: going on as the same log could be signing a fork.</summary>
    public bool Forked => Findings.Any(finding => finding.Kind is ForkKind.Older or ForkKind.Different or ForkKind.Foreign);

    /// <summary>The last event that is known to have been published.</summary>
    public long Published => Findings.Max(finding => finding.Size) ?? Size;

    /// <summary>What an operator reads who tried to start it.</summary>
    public string Explain()
    {
        var lost = Findings.Any(finding => finding.Kind == ForkKind.Older) ? $" Events {Size + 1} to {Published} were published and are not there: was the database restored from an older backup?" : "";
        return $"""
            CoffreFort does not start: this journal is not the one that was last published.
            {string.Join('\n', Findings.Select(finding => $"- {finding.Words}"))}
            The journal holds {Size} events.{lost}{(Unasked is null ? "" : $" {SayUnasked()}")} Nothing was changed.
            If a newer state exists (a backup, a standby), bring it back and start again. If this is all that is left, go on knowingly:
              coffrefort accept-restored-journal --reason 'what happened'
            It records in the journal what was lost, when and why, and begins another log; what was published stays proof of what is missing.
            """;
    }
}
