using CoffreFort.Server.Features.Operations;
using CoffreFort.Transparency;

namespace CoffreFort.Server.Checkpoints;

/// <summary>A restored journal that an operator went on with.</summary>
/// <param name="Act">What was recorded.</param>
/// <param name="Key">The key of the log that begins, which whoever follows it must be told; null if the log goes on.</param>
/// <param name="WaitsFor">Why the new log has published nothing yet: a server does so once that is mended. Null when it has.</param>
public sealed record AcceptedJournal(RestoredJournalAccepted Act, NoteVerifierKey? Key, string? WaitsFor);
