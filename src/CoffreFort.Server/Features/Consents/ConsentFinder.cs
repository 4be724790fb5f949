using System.Text;
using CoffreFort.EventStore;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Views;
using Npgsql;

namespace CoffreFort.Server.Features.Consents;

/// <summary>Finds consents and says how they stand now. What a decision rests on is read from the consent's stream, not from here.</summary>
public sealed class ConsentFinder(ViewDatabase views, ReadPosition position, Journal journal, AgencyFinder agencies, RequestKeys keys)
{
    private const string View = "consent_list";

    /// <summary>The consents of a vault, oldest first, after the one named; with those that ended.</summary>
    public async Task<IReadOnlyList<ConsentView>> OfVaultAsync(Guid vault, Guid? after, int limit, CancellationToken cancellation)
    {
        await position.ReachAsync([View], cancellation);
        return await ShownAsync(await views.QueryAsync(
            $"""
            select consent, granted, granted_at, event, used, revoked, revoked_at, last_read from coffrefort_views.consent_list
            where vault = {vault} and consent > {after ?? Guid.Empty} order by consent limit {limit}
            """,
            Row, cancellation), cancellation);
    }

    /// <summary>The consents that stand for an agency now (or will begin), oldest first, after the one named.</summary>
    public async Task<IReadOnlyList<ConsentView>> StandingForAsync(Guid agency, Guid? after, int limit, CancellationToken cancellation)
    {
        await position.ReachAsync([View], cancellation);
        var now = await journal.NowAsync(cancellation);
        return await ShownAsync(await views.QueryAsync(
            $"""
            select consent, granted, granted_at, event, used, revoked, revoked_at, last_read from coffrefort_views.consent_list
            where grantee = {agency} and revoked is null and until > {now} and (uses is null or used < uses)
              and consent > {after ?? Guid.Empty} order by consent limit {limit}
            """,
            Row, cancellation), cancellation);
    }

    /// <summary>One consent, from its stream; null when there is none.</summary>
    public async Task<ConsentView?> FindAsync(Guid id, CancellationToken cancellation)
    {
        var events = await journal.FetchStreamAsync(id, cancellation: cancellation);
        if (events is not [{ Body: ConsentGranted granted } first, ..]) return null;
        var (consent, version) = Fold.Of<Consent>(events);
        var row = new ConsentRow(
            id, granted, first.Timestamp, first.Id, consent.Used, consent.Revoked,
            events.FirstOrDefault(stored => stored.Body is ConsentRevoked)?.Timestamp, events.LastOrDefault(stored => stored.Body is EvidenceRead)?.Timestamp);
        return (await ShownAsync([row], cancellation))[0] with { StreamVersion = version, Position = first.Position };
    }

    private async Task<IReadOnlyList<ConsentView>> ShownAsync(IReadOnlyList<ConsentRow> rows, CancellationToken cancellation)
    {
        if (rows.Count == 0) return [];
        var now = await journal.NowAsync(cancellation);
        var names = await agencies.NamesAsync(cancellation);
        var shown = new List<ConsentView>(rows.Count);
        foreach (var row in rows)
        {
            var g = row.Granted;
            var stated = await keys.RevealAsync(g.Vault, g.StatedPurpose, cancellation);
            shown.Add(new ConsentView(
                row.Consent, new Consent(g, row.Used, row.Revoked).StateAt(now), g.Vault, g.Grantee, names.GetValueOrDefault(g.Grantee), g.Procedure,
                stated ?? g.Purpose, g.LegalBasis, g.From, g.Until, g.Uses, row.Used, g.Delivery, g.Pieces, g.EvidenceTypes, g.RetentionDays,
                g.Request, g.Mutation, row.GrantedAt, row.RevokedAt, row.Revoked?.Cause, row.LastRead, $"/api/v1/consents/{row.Consent}/receipt")
            {
                Event = row.Event,
            });
        }

        return shown;
    }

    private ConsentRow Row(NpgsqlDataReader row)
    {
        var consent = row.GetGuid(0);
        var granted = (ConsentGranted)Read(row.GetString(1), row.GetGuid(3), consent, 1);
        // Nothing in a revocation is personal: where it stands does not matter for reading it.
        var revoked = row.IsDBNull(5) ? null : (ConsentRevoked)Read(row.GetString(5), Guid.Empty, consent, 0);
        return new ConsentRow(
            consent, granted, row.GetFieldValue<DateTime>(2), row.GetGuid(3), row.GetInt32(4), revoked,
            row.IsDBNull(6) ? null : row.GetFieldValue<DateTime>(6), row.IsDBNull(7) ? null : row.GetFieldValue<DateTime>(7));
    }

    /// <param name="text">The stored type, a blank, the stored body.</param>
    private IEvent Read(string text, Guid id, Guid consent, long version)
    {
        var blank = text.IndexOf(' ', StringComparison.Ordinal);
        return journal.Registry.Read(Encoding.UTF8.GetBytes(text[(blank + 1)..]), new EventCoordinates(id, text[..blank], consent, version));
    }

    private sealed record ConsentRow(
        Guid Consent, ConsentGranted Granted, DateTimeOffset GrantedAt, Guid Event, int Used, ConsentRevoked? Revoked,
        DateTimeOffset? RevokedAt, DateTimeOffset? LastRead);
}
