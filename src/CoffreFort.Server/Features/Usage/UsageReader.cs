using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Views;
using Npgsql;

namespace CoffreFort.Server.Features.Usage;

/// <summary>Reads a vault's usage log, newest line first.</summary>
public sealed class UsageReader(ViewDatabase views, ReadPosition position, AgencyFinder agencies, VaultFinder vaults, RequestKeys keys)
{
    private const string View = "usage_log";

    /// <param name="vault">Whose log.</param>
    /// <param name="filter">Which lines.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Ends the read.</param>
    public async Task<IReadOnlyList<UsageLine>> ListAsync(Guid vault, UsageFilter filter, int limit, CancellationToken cancellation)
    {
        await position.ReachAsync([View], cancellation);
        var rows = await views.QueryAsync(
            $"""
            select l.position, l.event, l.at, l.action, l.outcome, l.code, l.person, l.agency, l.procedure, l.reason, l.reason_owner,
                   l.document, l.version, l.evidence_type, l.use, l.consent, c.name, l.recipient
            from coffrefort_views.usage_log l
            left join coffrefort_views.usage_clerks c on c.agency = l.agency and c.clerk = l.person
            where l.vault = {vault} and l.position < {filter.After ?? long.MaxValue}
              and ({filter.Agency}::uuid is null or l.agency = {filter.Agency}) and ({filter.Outcome}::varchar is null or l.outcome = {filter.Outcome})
              and ({filter.Consent}::uuid is null or l.consent = {filter.Consent})
              and ({filter.From}::timestamptz is null or l.at >= {filter.From}) and ({filter.Until}::timestamptz is null or l.at < {filter.Until})
              and (not {filter.OthersOnly} or l.action <> 'document-read')
            order by l.position desc limit {limit}
            """,
            Row, cancellation);
        if (rows.Count == 0) return [];
        var names = await agencies.NamesAsync(cancellation);
        var owner = await vaults.FindAsync(vault, cancellation);
        var lines = new List<UsageLine>(rows.Count);
        foreach (var row in rows) lines.Add(await ShownAsync(row, owner, names, cancellation));
        return lines;
    }

    /// <summary>The agencies that stand in a vault's log, for its filter.</summary>
    public async Task<IReadOnlyList<(Guid Agency, string Name)>> AgenciesAsync(Guid vault, CancellationToken cancellation)
    {
        await position.ReachAsync([View], cancellation);
        var names = await agencies.NamesAsync(cancellation);
        var seen = await views.QueryAsync(
            $"select distinct agency from coffrefort_views.usage_log where vault = {vault} and agency is not null", row => row.GetGuid(0), cancellation);
        return [.. seen.Where(names.ContainsKey).Select(agency => (agency, names[agency])).OrderBy(agency => agency.Item2, StringComparer.Ordinal)];
    }

    /// <summary>How many deposits sharing spared: for each version, the agencies that read it beyond the first.</summary>
    public async Task<int> DepositsAvoidedAsync(Guid vault, CancellationToken cancellation)
    {
        await position.ReachAsync([View], cancellation);
        return (await views.QueryAsync(
            $"""
            select coalesce(sum(readers - 1), 0)::integer from (
                select count(distinct agency) as readers from coffrefort_views.usage_log
                where vault = {vault} and action = 'evidence-read' and outcome = 'read' group by document, version) as versions
            """,
            row => row.GetInt32(0), cancellation))[0];
    }

    private async Task<UsageLine> ShownAsync(
        UsageRow row, VaultEntry? owner, IReadOnlyDictionary<Guid, string> names, CancellationToken cancellation)
    {
        var person = row.Agency is { } agency ? await keys.RevealAsync(agency, row.ClerkName, cancellation)
            : owner?.Holder == row.Person ? await keys.RevealAsync(owner.Vault, owner.HolderName, cancellation)
            : null;
        var reason = row.ReasonOwner is { } by ? await keys.RevealAsync(by, row.Reason, cancellation) : null;
        return new UsageLine(
            row.At, row.Action, row.Outcome, row.Code, person, row.Person, row.Agency, row.Agency is { } id ? names.GetValueOrDefault(id) : null,
            row.Procedure, reason, row.Document, row.Version, row.EvidenceType, row.Use, row.Consent, null, row.Position, row.Event,
            $"/api/v1/receipts/{row.Event}", row.Recipient);
    }

    private static UsageRow Row(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetGuid(1), row.GetFieldValue<DateTime>(2), row.GetString(3), row.GetString(4), Text(row, 5), row.GetGuid(6), Id(row, 7),
        Text(row, 8), Text(row, 9) is { } reason ? Personal.FromToken(reason) : null, Id(row, 10), Id(row, 11),
        row.IsDBNull(12) ? null : row.GetInt32(12), Text(row, 13), Text(row, 14), Id(row, 15), Text(row, 16) is { } name ? Personal.FromToken(name) : null, Text(row, 17));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static Guid? Id(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetGuid(column);

    private sealed record UsageRow(
        long Position, Guid Event, DateTimeOffset At, string Action, string Outcome, string? Code, Guid Person, Guid? Agency, string? Procedure,
        Personal? Reason, Guid? ReasonOwner, Guid? Document, int? Version, string? EvidenceType, string? Use, Guid? Consent, Personal? ClerkName, string? Recipient);
}

/// <param name="After">Lines older than the one at this position.</param>
/// <param name="Outcome">read or refused.</param>
/// <param name="OthersOnly">Without the holder's own reads.</param>
public sealed record UsageFilter(
    long? After = null, Guid? Agency = null, string? Outcome = null, Guid? Consent = null, DateTimeOffset? From = null, DateTimeOffset? Until = null,
    bool OthersOnly = false);
