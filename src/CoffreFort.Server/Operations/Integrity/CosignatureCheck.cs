using System.Globalization;
using CoffreFort.EventStore;
using CoffreFort.Server.Edges.Witness;
using CoffreFort.Transparency;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>The lines that others put under checkpoints: each by a witness whose key is known must verify. Not safe for concurrent use.</summary>
internal sealed class CosignatureCheck(WitnessKeys witnesses, Func<string, NoteVerifierKey?> logKey, IntegrityReport report)
{
    private const int MostStrangers = 100;

    private const string PageSql = "select number, origin, size, note from coffrefort.journal_checkpoints where number > $1 order by number limit 200";

    private readonly Ed25519 _ed25519 = new();
    private readonly SortedDictionary<string, long> _strangers = new(StringComparer.Ordinal);
    private string? _blind;

    public async Task RunAsync(ReadSnapshot snapshot, Sample? sample, long total, Action<long> progress, CancellationToken cancellation)
    {
        var done = 0L;
        for (var last = 0L; ;)
        {
            var (page, unreadable) = await snapshot.TryListAsync(
                PageSql, row => new Row(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetFieldValue<byte[]>(3)), cancellation, last);
            if (unreadable is not null) report.Damaged(Areas.Log, "journal_checkpoints", $"those after number {(page.Count > 0 ? page[^1].Number : last)} can't be read: {unreadable}");
            foreach (var row in page.Where(_ => sample is null || sample.Takes(total)))
            {
                if (await FaultAsync(row, cancellation) is { } fault) report.Damaged(Areas.Log, $"journal_checkpoints number={row.Number} size={row.Size}", fault);
                report.LookedAt("checkpoints");
                progress(++done);
            }

            if (page.Count == 0 || unreadable is not null) break;
            last = page[^1].Number;
        }

        Finish();
    }

    /// <returns>What is wrong with a line of a witness that is known; null when nothing is.</returns>
    public async Task<string?> FaultAsync(SignedNote note, string origin, CancellationToken cancellation)
    {
        var own = logKey(origin);
        foreach (var line in note.Signatures)
        {
            if (line.Name == origin && (own is null || line.KeyId == own.KeyId)) continue;
            if (Known(line) is not { } known) Count(line);
            else if (!await VerifiesAsync(note, line, known, cancellation)) return $"The cosignature of {known.Name} is wrong.";
        }

        return null;
    }

    /// <summary>The witness's key that a line names, if it is at hand.</summary>
    public NoteVerifierKey? Known(NoteSignature line) => witnesses.All.FirstOrDefault(key => key.Name == line.Name && key.KeyId == line.KeyId);

    // What is not a note at all the journal's check names.
    private Task<string?> FaultAsync(Row row, CancellationToken cancellation) =>
        SignedNote.TryParse(row.Note, out var note, out _) ? FaultAsync(note, row.Origin, cancellation) : Task.FromResult<string?>(null);

    private async Task<bool> VerifiesAsync(SignedNote note, NoteSignature line, NoteVerifierKey known, CancellationToken cancellation)
    {
        if (_blind is not null) return true;
        try
        {
            return await Cosignature.VerifyAsync(new SignedNote(note.Text, [line]), known, _ed25519, cancellation) is not null;
        }
        catch (OpenSslFailure failure)
        {
            _blind = failure.Message;
            return true;
        }
    }

    private void Count(NoteSignature line)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{line.Name}+{line.KeyId:x8}");
        if (_strangers.Count < MostStrangers || _strangers.ContainsKey(name)) _strangers[name] = _strangers.GetValueOrDefault(name) + 1;
    }

    private void Finish()
    {
        if (_blind is not null) report.Unchecked(Areas.Log, "journal_checkpoints", $"cosignatures can't be verified on this machine: {_blind}");
        foreach (var (name, count) in _strangers)
            report.Unchecked(Areas.Log, "journal_checkpoints", $"{count} signatures of {name} were not verified: it is no configured witness's key (Witness:Key, Witness:Former)");
    }

    private sealed record Row(long Number, string Origin, long Size, byte[] Note);
}
