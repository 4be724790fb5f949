using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>Each RFC 3161 token: over the checkpoint that it names, signed, of the stated time, and byte for byte what was kept.</summary>
internal sealed class TimestampCheck(ReadSnapshot snapshot, TimestampSettings? authority, IntegrityReport report)
{
    private const long MicrosecondsTo2000 = 946_684_800_000_000;

    private const string PageSql = """
        select t.checkpoint, t.token, t.stamped, t.digest = sha256(t.token), c.note, c.digest = sha256(convert_to(c.note, 'UTF8'))
        from coffrefort.journal_timestamps t left join coffrefort.journal_checkpoints c on c.number = t.checkpoint
        where t.checkpoint > $1 order by t.checkpoint limit 200
        """;

    private long _untrusted;
    private string? _firstUntrusted;

    public async Task RunAsync(Sample? sample, long total, Action<long> progress, CancellationToken cancellation)
    {
        var done = 0L;
        for (var last = long.MinValue; ;)
        {
            var (page, unreadable) = await snapshot.TryListAsync(
                PageSql,
                row => new Row(
                    row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetFieldValue<long>(2), row.GetBoolean(3), row.IsDBNull(4) ? null : row.GetFieldValue<byte[]>(4),
                    !row.IsDBNull(5) && row.GetBoolean(5)),
                cancellation, last);
            if (unreadable is not null) report.Damaged(Areas.Log, "journal_timestamps", $"those after checkpoint {(page.Count > 0 ? page[^1].Checkpoint : last)} can't be read: {unreadable}");
            foreach (var row in page)
            {
                if (sample is null || sample.Takes(total)) Verify(row);
                progress(++done);
            }

            if (page.Count == 0 || unreadable is not null) break;
            last = page[^1].Checkpoint;
        }

        if (_untrusted > 0)
            report.Unchecked(Areas.Log, "journal_timestamps", $"{_untrusted} tokens hold in themselves, and would not be accepted from the authority that is configured now: {_firstUntrusted}");
    }

    private void Verify(Row row)
    {
        report.LookedAt("timestamps");
        if (Fault(row) is { } fault) report.Damaged(Areas.Log, $"journal_timestamps checkpoint={row.Checkpoint}", fault);
    }

    private string? Fault(Row row)
    {
        if (row.Note is null) return "The timestamp is over a checkpoint that is not there.";
        if (!row.IsAsKept) return "The token is not byte for byte what was kept.";
        // A checkpoint that was damaged since is named by itself, and nothing can be held against it.
        if (!row.NoteIsAsWritten) return null;
        try
        {
            var timestamp = Verified(row.Token, row.Note);
            if ((timestamp.Time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond != unchecked(row.Stamped + MicrosecondsTo2000))
                return $"The token states another time ({timestamp.Time:O}) than its row.";
        }
        catch (TimestampRefused refused)
        {
            return refused.Message;
        }

        return null;
    }

    /// <summary>An authority may have been replaced since: what it stamped is no damage. What is accepted now holds in itself, too, and is verified once.</summary>
    /// <exception cref="TimestampRefused">It does not hold in itself.</exception>
    private Timestamp Verified(byte[] token, byte[] note)
    {
        if (authority is null) return TimestampVerification.VerifyInItself(token, note);
        try
        {
            return TimestampVerification.Verify(token, note, authority.Trust);
        }
        catch (TimestampRefused refused)
        {
            var verified = TimestampVerification.VerifyInItself(token, note);
            _untrusted++;
            _firstUntrusted ??= refused.Message;
            return verified;
        }
    }

    private sealed record Row(long Checkpoint, byte[] Token, long Stamped, bool IsAsKept, byte[]? Note, bool NoteIsAsWritten);
}
