using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Consents;

/// <summary>Answers a clerk who reads under a consent: the evidence, or a refusal that stands in the holder's log.</summary>
public sealed class EvidenceReader(Journal journal, ActRunner acts, DueMutations mutations, RequestKeys keys, OpenContent contents, RefusedReads refused)
{
    /// <summary>The content, once its read is durable.</summary>
    /// <param name="http">The request, with its range.</param>
    /// <param name="id">The consent.</param>
    /// <param name="command">What is wanted; its reason is put in here.</param>
    /// <param name="reason">Why, as typed.</param>
    /// <param name="cancellation">Ends the answer.</param>
    public async Task<IResult> AnswerAsync(HttpContext http, Guid id, ReadEvidence command, string? reason, CancellationToken cancellation)
    {
        if (command.Use is not (null or Deliveries.View or Deliveries.Download))
            return Problems.Result(await FindAsync(id, cancellation) is { Granted: not null } ? UnknownUse : Refusal.NotFound);
        var (admitted, refusal) = await AdmitAsync(http, id, command, reason, cancellation);
        if (admitted is null) return Problems.Result(refusal!);
        var pinned = admitted.Command with { Use = ReadEvidence.UseOf(admitted.Granted, admitted.Command) };
        return await contents.AnswerAsync(
            http, admitted.Identity, admitted.Version.Content, inPlace: pinned.Use == Deliveries.View,
            record: () => RecordAsync(http, id, admitted.Granted, pinned, admitted.Reason, cancellation), cancellation);
    }

    /// <summary>Whether this clerk may read so now, as far as can be said before it is recorded; a refused attempt stands in the holder's log.</summary>
    /// <returns>What may be read, pinned to its version; or why not.</returns>
    internal async Task<(AdmittedReading? Admitted, Refusal? Refusal)> AdmitAsync(
        HttpContext http, Guid id, ReadEvidence command, string? reason, CancellationToken cancellation)
    {
        if (await FindAsync(id, cancellation) is not { Granted: { } granted } consent) return (null, Refusal.NotFound);
        var why = Clean(reason);
        // Fetched together, in one statement.
        var (granteeFetched, documentFetched, vaultFetched, nowFetched) = (
            GranteeAsync(granted, cancellation), journal.AggregateStreamAsync<Document>(command.Document, cancellation: cancellation),
            journal.AggregateStreamAsync<Vault>(granted.Vault, cancellation: cancellation), journal.NowAsync(cancellation));
        await Task.WhenAll(granteeFetched, documentFetched, vaultFetched, nowFetched);
        var (grantee, document, vault, now) = (await granteeFetched, await documentFetched ?? Document.Empty, await vaultFetched ?? Vault.Empty, await nowFetched);
        // HEAD promises nothing and says nothing: it needs no reason and leaves no line.
        var isHead = HttpMethods.IsHead(http.Request.Method);
        var asked = command with { Reason = why is null && !isHead ? null : Personal.Of(why ?? "") };
        var erased = Coverage.Deny(consent, grantee, command.Clerk, now) is null && document.Vault == granted.Vault ? Coverage.DenyErased(vault, document) : null;
        if ((erased ?? ReadEvidence.Deny(consent, grantee, document, asked, now)) is { } denial)
        {
            if (!isHead) await RefuseAsync(http, id, granted, denial, command, why, cancellation);
            return (null, denial.Told);
        }

        var version = ReadEvidence.Wanted(granted, document, command, now)!;
        var identity = new DocumentIdentity(granted.Vault, command.Document, checked((uint)version.Number));
        return (new AdmittedReading(granted, grantee, version, identity, command with { Version = version.Number }, why ?? ""), null);
    }

    /// <summary>A refusal as the holder's log has it.</summary>
    internal Task RefuseAsync(HttpContext http, Guid id, ConsentGranted granted, Denial denial, ReadEvidence command, string? reason, CancellationToken cancellation) =>
        refused.NoteAsync(id, granted, denial, command, reason, http.Actor(), cancellation);

    /// <summary>The consent as it stands, with any mutation that was due carried out; null when there is none.</summary>
    public async Task<Consent?> FindAsync(Guid id, CancellationToken cancellation)
    {
        var consent = await journal.AggregateStreamAsync<Consent>(id, cancellation: cancellation);
        if (consent?.Granted is not { TiedToPosting: true } granted) return consent;
        await mutations.EnsureAsync(granted.Vault, cancellation);
        return await journal.AggregateStreamAsync<Consent>(id, cancellation: cancellation);
    }

    public async Task<Agency> GranteeAsync(ConsentGranted granted, CancellationToken cancellation) =>
        await journal.AggregateStreamAsync<Agency>(granted.Grantee, cancellation: cancellation) ?? Agency.Empty;

    /// <summary>Records the read under the rules as they stand then; bytes leave only when this was not refused.</summary>
    internal async Task<Outcome> RecordAsync(HttpContext http, Guid id, ConsentGranted granted, ReadEvidence command, string reason, CancellationToken cancellation)
    {
        var (outcome, denial) = await ReadEvidence.Handle(id, granted, command, reason, http.Actor(), acts, mutations, keys, cancellation);
        // Something came first: a revocation, the end of the period, the last use.
        if (denial is not null) await refused.NoteAsync(id, granted, denial, command, reason, http.Actor(), cancellation);
        return outcome;
    }

    /// <summary>On one line, without what can't be seen; null when nothing is left, or too much.</summary>
    internal static string? Clean(string? reason)
    {
        var clean = FileNames.CleanTitle(reason is { Length: > 4 * ReadEvidence.LongestReason } ? "" : reason ?? "");
        return clean.Length is 0 or > ReadEvidence.LongestReason ? null : clean;
    }

    private static Refusal UnknownUse { get; } = new("unknown-use", "On lit pour consulter (view) ou pour télécharger (download).", 400);
}

/// <summary>A reading that may be, if nothing comes first.</summary>
internal sealed record AdmittedReading(ConsentGranted Granted, Agency Grantee, DocumentVersion Version, DocumentIdentity Identity, ReadEvidence Command, string Reason);
