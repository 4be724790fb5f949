using CoffreFort.EventStore;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>Finds what the person need not be asked again: a consent that stands and already reaches all that could be shown.</summary>
public sealed class CoveringConsents(ViewDatabase views, ReadPosition position)
{
    /// <summary>The consent, guarded in the session until the instant it ends; or null.</summary>
    public async Task<Guid?> FindAsync(
        JournalSession session, AskForAccess ask, Agency agency, IReadOnlyList<EvidenceOnFile> onFile, CancellationToken cancellation)
    {
        var right = agency.Habilitations.GetValueOrDefault(ask.Procedure.Code);
        var day = FrenchCalendar.DayOf(session.Now);
        var shown = Preview.Of(ask.Procedure, right, [.. onFile.Where(one => one.IsLatest).Select(one => one.Held)], ask.Situation, day);
        foreach (var candidate in await CandidatesAsync(ask, cancellation))
        {
            var consent = (await session.FetchGuarded<Consent>(candidate, cancellation)).State;
            if (consent.Granted is not { } granted || consent.StateAt(session.Now) != "active") continue;
            HeldEvidence[] reach = [.. onFile.Where(one => Reaches(granted, one)).Select(one => one.Held)];
            if (!Preview.IsCovered(shown, Preview.Of(ask.Procedure, right, reach, ask.Situation, day))) continue;
            session.NotAfter(granted.Until);
            return candidate;
        }

        return null;
    }

    /// <summary>Whether a consent lets this version be read: it is named, or it is the newest of a type for which the consent stands.</summary>
    public static bool Reaches(ConsentGranted granted, EvidenceOnFile file) =>
        granted.Pieces.Any(piece => piece.Document == file.Held.Document && piece.Version == file.Held.Version)
        || (file.IsLatest && granted.EvidenceTypes.Contains(file.Held.EvidenceType));

    // The view only proposes: whether a consent stands is read from its stream.
    private async Task<IReadOnlyList<Guid>> CandidatesAsync(AskForAccess ask, CancellationToken cancellation)
    {
        await position.ReachAsync(["access_request_list"], cancellation, insist: true);
        return await views.QueryAsync(
            $"""
            select consent from coffrefort_views.access_request_consents
            where vault = {ask.Vault} and grantee = {ask.Agency} and procedure = {ask.Procedure.Code} order by consent desc limit 20
            """,
            row => row.GetGuid(0), cancellation);
    }
}
