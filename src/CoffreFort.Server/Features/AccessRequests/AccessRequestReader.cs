using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>Reads a request for one of its two sides. The holder sees what would be shown; the agency, before consent, only types and whether they stand ready.</summary>
public sealed class AccessRequestReader(
    Journal journal, VaultFinder vaults, VaultEvidence evidence, RequestKeys keys, EvidenceCatalogue catalogue)
{
    /// <returns>Null when there is no such request, or it is neither this person's nor their agency's.</returns>
    public async Task<AccessRequestView?> FindAsync(Guid id, Guid person, CancellationToken cancellation)
    {
        var events = await journal.FetchStreamAsync(id, cancellation: cancellation);
        var (request, version) = Fold.Of<AccessRequest>(events);
        if (request.Asked is not { } asked || await vaults.FindAsync(asked.Vault, cancellation) is not { } vault) return null;
        var agency = await journal.AggregateStreamAsync<Agency>(asked.Agency, cancellation: cancellation) ?? Agency.Empty;
        var isHolder = vault.Holder == person;
        if (!isHolder && !agency.Employs(person)) return null;

        var now = await journal.NowAsync(cancellation);
        var state = request.StateAt(now);
        var (complete, pieces) = await PiecesAsync(request, state, agency, isHolder ? null : person, now, cancellation);
        var refused = events.Select(stored => stored.Body).OfType<AccessRefused>().FirstOrDefault();
        var clerk = await keys.RevealAsync(asked.Agency, agency.Clerks.GetValueOrDefault(asked.Clerk), cancellation);
        return new AccessRequestView(
            id, Name(state), asked.Procedure, NameOf(asked.Procedure), asked.Agency, agency.Name, asked.Vault, vault.Address,
            asked.Clerk, clerk, asked.Purpose, asked.LegalBasis, asked.Situation, await keys.RevealAsync(asked.Vault, asked.Message, cancellation),
            asked.RetentionDays, events[0].Timestamp, asked.Expires, request.State == AccessRequestState.Pending ? null : events[^1].Timestamp,
            complete, pieces, request.Consent, await keys.RevealAsync(asked.Vault, refused?.Reason, cancellation))
        { StreamVersion = version };
    }

    public async Task<IResult> AnswerAsync(HttpContext http, Guid id, Guid person, CancellationToken cancellation, bool created = false)
    {
        var view = await FindAsync(id, person, cancellation) ?? throw new InvalidOperationException("A request that was just written is not there.");
        // Resolved at once to a consent that stands: nothing new waits anywhere.
        return http.Versioned(view, view.StreamVersion, created && view.State != "resolved" ? $"/api/v1/access-requests/{id}" : null);
    }

    private async Task<(bool? Complete, IReadOnlyList<PieceView> Pieces)> PiecesAsync(
        AccessRequest request, AccessRequestState state, Agency agency, Guid? clerk, DateTimeOffset now, CancellationToken cancellation)
    {
        if (state is AccessRequestState.Approved or AccessRequestState.Resolved) return (null, await GrantedAsync(request, agency, clerk, now, cancellation));
        var asked = request.Asked!;
        if (state != AccessRequestState.Pending || catalogue.FindProcedure(asked.Procedure) is not { } procedure) return (null, []);
        var onFile = await evidence.OfAsync(asked.Vault, AskedTypes.Of(procedure.Requirement), cancellation);
        var right = agency.Habilitations.GetValueOrDefault(asked.Procedure);
        var shown = Preview.Of(procedure, right, [.. onFile.Where(one => one.IsLatest).Select(one => one.Held)], asked.Situation, FrenchCalendar.DayOf(now));
        return (shown.Complete, clerk is null
            ? await evidence.DescribeAsync(asked.Vault, shown, onFile, cancellation)
            : [.. shown.Pieces.Select(PieceView.BeforeConsent)]);
    }

    private async Task<IReadOnlyList<PieceView>> GrantedAsync(AccessRequest request, Agency agency, Guid? clerk, DateTimeOffset now, CancellationToken cancellation)
    {
        var consent = (await journal.AggregateStreamAsync<Consent>(request.Consent!.Value, cancellation: cancellation))!;
        var granted = consent.Granted!;
        var onFile = await evidence.OfAsync(granted.Vault, granted.Pieces.Select(piece => piece.EvidenceType).Concat(granted.EvidenceTypes).ToHashSet(), cancellation);
        Piece[] pieces = [.. onFile.Where(one => CoveringConsents.Reaches(granted, one)).Select(one => new Piece(
            one.Held.EvidenceType, one.Held.EvidenceType, PieceStatus.Satisfied, Document: one.Held.Document, Version: one.Held.Version))];
        if (clerk is null) return await evidence.DescribeAsync(granted.Vault, new Evaluation(true, pieces), onFile, cancellation);
        var mayRead = Coverage.Deny(consent, agency, clerk.Value, now) is null;
        return await WithSignaturesAsync(
            granted.Vault, pieces, piece => mayRead && agency.MayRead(granted.Procedure, piece.EvidenceType!, now)
                ? onFile.First(one => one.Held.Document == piece.Document && one.Held.Version == piece.Version).Signature
                : null,
            cancellation);
    }

    /// <summary>The agency learns with the agreement, before it reads and as long as it may, whose signature a piece bears; its title only when it reads.</summary>
    private async Task<IReadOnlyList<PieceView>> WithSignaturesAsync(Guid vault, Piece[] pieces, Func<Piece, SignatureFound?> signature, CancellationToken cancellation)
    {
        var shown = new List<PieceView>(pieces.Length);
        foreach (var piece in pieces)
            shown.Add(PieceView.Of(piece) with { Signature = await SignatureView.OfAsync(signature(piece), vault, keys, cancellation) });

        return shown;
    }

    private LocalizedText NameOf(string procedure) => catalogue.FindProcedure(procedure)?.Name ?? new LocalizedText(procedure, procedure);

    private static string Name(AccessRequestState state) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(state.ToString());
}
