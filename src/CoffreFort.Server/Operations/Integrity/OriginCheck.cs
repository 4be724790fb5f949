using System.Text.Json;
using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Transparency;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>The notes that link a log to the one that it continues: signed by both, and saying what the journal's own event of that act says.</summary>
internal sealed class OriginCheck(ReadSnapshot snapshot, Journal journal, Func<string, NoteVerifierKey?> logKey, IntegrityReport report)
{
    private const string OriginsSql = "select origin, note, digest = sha256(convert_to(note, 'UTF8')) from coffrefort.journal_origins order by created";

    // The first log continues none.
    private const string MissingSql = """
        select distinct c.origin from coffrefort.journal_checkpoints c
        where not exists (select from coffrefort.journal_origins o where o.origin = c.origin)
          and c.origin <> (select first.origin from coffrefort.journal_checkpoints first order by first.number limit 1)
        """;

    public async Task RunAsync(CancellationToken cancellation)
    {
        var (rows, unreadable) = await snapshot.TryListAsync(
            OriginsSql, row => (Origin: row.GetString(0), Note: row.GetFieldValue<byte[]>(1), IsAsWritten: row.GetBoolean(2)), cancellation);
        if (unreadable is not null) report.Damaged(Areas.Log, "journal_origins", $"can't be read: {unreadable}");
        var accepted = rows.Count == 0 ? null : await AcceptedAsync(cancellation);
        foreach (var (origin, note, isAsWritten) in rows)
        {
            report.LookedAt("linking notes");
            var fault = Fault(origin, note, accepted) ?? (isAsWritten ? null : "The note is not byte for byte what was written.");
            if (fault is not null) report.Damaged(Areas.Log, $"journal_origins origin={origin}", fault);
        }

        var (missing, _) = await snapshot.TryListAsync(MissingSql, row => row.GetString(0), cancellation);
        foreach (var origin in missing) report.Damaged(Areas.Log, $"journal_origins origin={origin}", "is missing, though that log has published; nothing says which log it continues");
    }

    /// <summary>Null when the journal's own events can't be read, which its check says.</summary>
    private async Task<List<RestoredJournalAccepted>?> AcceptedAsync(CancellationToken cancellation)
    {
        try
        {
            return [.. (await journal.FetchStreamAsync(OperatorActs.Stream, cancellation: cancellation)).Select(stored => stored.Body).OfType<RestoredJournalAccepted>()];
        }
        catch (Exception damaged) when (damaged is JsonException or UnknownEventTypeException or JournalDamagedException || ReadSnapshot.IsDamage(damaged))
        {
            return null;
        }
    }

    private string? Fault(string origin, byte[] bytes, List<RestoredJournalAccepted>? accepted)
    {
        if (!SignedNote.TryParse(bytes, out var note, out var fault)) return $"The note can't be read: {fault}";
        if (note.Text.Split('\n') is not [ContinuationNote.Form, var next, var ended, _, ..] || next != origin) return "The note is not about that log.";
        if (accepted is not null)
        {
            if (accepted.LastOrDefault(act => act.ContinuedAs == origin) is not { } act) return "No event tells that this log was begun.";
            if (ContinuationNote.Text(act) != note.Text) return "The note says something else than the event that began the log.";
        }

        return note.Signatures.Any(line => line.Name == origin)
            ? note.Signatures.Select(line => line.Name).Distinct().Select(signer => SignatureFault(note, signer, origin, ended)).FirstOrDefault(one => one is not null)
            : "The log that it begins has not signed the note.";
    }

    private string? SignatureFault(SignedNote note, string signer, string next, string ended)
    {
        if (signer != next && signer != ended) return $"The note is signed as {signer}, which is neither log.";
        return logKey(signer) is { } key && !EcdsaNote.Verify(note, key) ? $"The note's signature of {signer} is wrong." : null;
    }
}
