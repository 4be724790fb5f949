using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Operations;
using Npgsql;

namespace CoffreFort.Server.Checkpoints;

/// <summary>
/// Goes on, by an operator's decision, with a journal that is not the published one: records the act, ends the log, and begins another one with a key of
/// its own, so that no two trees ever stand under one name (docs/adr/0008-restored-journals.md). May be interrupted anywhere and run again.
/// </summary>
public sealed class RestoredJournal(
    NpgsqlDataSource database, Journal journal, JournalCheckpoints checkpoints, ForkGuard guard, BegunLog begun, Publication publication,
    LogKeys log, LogSettings settings, IBlobStore blobs, KeyStore keys, RequestKeys request)
{
    /// <summary>Accepts what is there.</summary>
    /// <returns>What was recorded and what comes of it; no act when the journal holds all that was published. Besides, why no witness was asked about that, if none was.</returns>
    /// <exception cref="OperatorException">It can't be accepted as it is; the message says what to do first.</exception>
    public async Task<(AcceptedJournal? Accepted, string Unasked)> AcceptAsync(string by, string reason, CancellationToken cancellation)
    {
        (AcceptedJournal?, string) accepted = default;
        var alone = await new OneNode(database, Checkpointer.Turn).TryAsync(
            async connection => accepted = await AcceptAsync(connection, by, reason, cancellation), cancellation);
        return alone ? accepted : throw new OperatorException("A server is publishing this journal's log. Stop it first.");
    }

    private async Task<(AcceptedJournal?, string)> AcceptAsync(NpgsqlConnection connection, string by, string reason, CancellationToken cancellation)
    {
        // To verify a large journal takes longer than whoever has the turn may be silent; this one has it until the command ends.
        await using (var patient = new NpgsqlCommand("set idle_session_timeout = 0", connection)) await patient.ExecuteNonQueryAsync(cancellation);
        var report = await guard.CompareAsync(cancellation);
        if (report.Findings.FirstOrDefault(finding => finding.Kind is ForkKind.Misnamed or ForkKind.Unreachable) is { } first)
            throw new OperatorException(first.Words);
        var waiting = await begun.FindAsync(cancellation);
        if (report.Findings.Count == 0 && waiting is null) return (null, report.SayUnasked());
        var verdict = await JournalVerification.RunAsync(database, cancellation: cancellation);
        if (!verdict.Holds)
            throw new OperatorException($"What is there is damaged in itself ({verdict.Damages[0].Message}): coffrefort fsck names everything. Restore a sound backup.");
        var accepted = (report.Findings.Count == 0 ? waiting : await UnfinishedAsync(report, cancellation)) ?? await RecordAsync(report, by, reason, cancellation);
        if (report.Last is { } last && report.Findings.Any(finding => finding.Kind == ForkKind.Missing) && !await blobs.ReplaceCheckpointAsync(last.Note, null, cancellation))
            throw new OperatorException("Somebody else wrote the copy in the blob store at the same moment: look again.");
        return (accepted.ContinuedAs is { } origin ? await BeginAsync(connection, accepted, origin, cancellation) : new AcceptedJournal(accepted, null, null), report.SayUnasked());
    }

    /// <summary>A witness that is required can't know the new log's key yet: then the log has begun all the same, and a server publishes once the witness follows it.</summary>
    private async Task<AcceptedJournal> BeginAsync(NpgsqlConnection connection, RestoredJournalAccepted accepted, string origin, CancellationToken cancellation)
    {
        log.Make(origin);
        await checkpoints.AddOriginAsync(origin, ContinuationNote.Write(accepted, log), cancellation);
        try
        {
            await publication.BeginAsync(connection, origin, cancellation);
            return new AcceptedJournal(accepted, log.VerifierKey(origin), null);
        }
        catch (WitnessMissingException missing)
        {
            return new AcceptedJournal(accepted, log.VerifierKey(origin), missing.Message);
        }
    }

    /// <summary>An act that was recorded and whose log has published nothing yet: then this run finishes it, and the reason given first stands.</summary>
    private async Task<RestoredJournalAccepted?> UnfinishedAsync(ForkReport report, CancellationToken cancellation)
    {
        var accepted = (await journal.AggregateStreamAsync<OperatorActs>(OperatorActs.Stream, cancellation: cancellation))?.Accepted;
        var abandoned = report.Findings.Where(finding => finding.Note is not null).Select(finding => finding.Note!);
        return accepted?.ContinuedAs is { } origin && report.Last?.Origin != origin && !abandoned.Except(accepted.Checkpoints).Any() ? accepted : null;
    }

    private async Task<RestoredJournalAccepted> RecordAsync(ForkReport report, string by, string reason, CancellationToken cancellation)
    {
        var acts = OperatorActs.Stream;
        await keys.CreateOwnerAsync(acts, cancellation);
        var older = report.Findings.Any(finding => finding.Kind == ForkKind.Older);
        var accepted = new RestoredJournalAccepted(
            report.Last?.Origin ?? settings.Origin, report.Forked ? settings.Continued(await journal.NowAsync(cancellation)) : null,
            report.Size, Convert.ToBase64String(report.Root.Span), older ? report.Size + 1 : null, older ? report.Published : null,
            [.. report.Findings.Where(finding => finding.Note is not null).Select(finding => finding.Note!).Distinct()],
            (await request.SealAsync(acts, by, cancellation))!, (await request.SealAsync(acts, reason, cancellation))!);
        var session = journal.OpenSession(Actor.CommandLine().Metadata());
        (await session.FetchForWriting<OperatorActs>(acts, cancellation)).Append(accepted);
        await session.SaveChangesAsync(cancellation);
        return accepted;
    }
}
