using CoffreFort.Server.Keys;
using CoffreFort.Server.Views;
using Npgsql;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>Finds agencies. What a decision rests on is read from the agency's stream, not from here.</summary>
public sealed class AgencyFinder(ViewDatabase views, ReadPosition position, RequestKeys keys)
{
    private const string View = "agency_directory";

    /// <summary>The agency for which a person acts (the one that appointed them last), or null.</summary>
    public async Task<AgencyEntry?> OfClerkAsync(Guid person, CancellationToken cancellation)
    {
        await position.ReachAsync([View], cancellation);
        return await views.FindAsync(
            $"""
            select a.agency, a.name, a.kind, a.site_code, a.garrison
            from coffrefort_views.agency_clerks c join coffrefort_views.agency_directory a on a.agency = c.agency
            where c.clerk = {person} order by c.appointed_at desc limit 1
            """,
            Entry, cancellation);
    }

    public async Task<AgencyEntry?> FindAsync(Guid agency, CancellationToken cancellation)
    {
        await position.ReachAsync([View], cancellation);
        return await views.FindAsync(
            $"select agency, name, kind, site_code, garrison from coffrefort_views.agency_directory where agency = {agency}", Entry, cancellation);
    }

    /// <summary>All agencies by name, or those of one kind (<see cref="Agency.AtlasKind"/> for the spaces).</summary>
    public async Task<IReadOnlyList<AgencyEntry>> ListAsync(string? kind, CancellationToken cancellation)
    {
        await position.ReachAsync([View], cancellation);
        return await views.QueryAsync(
            $"""
            select agency, name, kind, site_code, garrison from coffrefort_views.agency_directory
            where {kind}::varchar is null or kind = {kind} order by name, agency
            """,
            Entry, cancellation);
    }

    public Task<IReadOnlyList<AgencyEntry>> SpacesAsync(CancellationToken cancellation) => ListAsync(Agency.AtlasKind, cancellation);

    /// <summary>The names of all agencies, by id: for lists that name several.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> NamesAsync(CancellationToken cancellation) =>
        (await ListAsync(null, cancellation)).ToDictionary(entry => entry.Agency, entry => entry.Name);

    public async Task<IReadOnlyList<HabilitationEntry>> HabilitationsAsync(Guid agency, CancellationToken cancellation)
    {
        await position.ReachAsync([View], cancellation);
        return await views.QueryAsync(
            $"select procedure, evidence_types, until from coffrefort_views.agency_habilitations where agency = {agency} order by procedure",
            row => new HabilitationEntry(row.GetString(0), row.GetFieldValue<string[]>(1), row.IsDBNull(2) ? null : row.GetFieldValue<DateTime>(2)), cancellation);
    }

    /// <summary>An agency's clerks with their names; a name is null once erased.</summary>
    public async Task<IReadOnlyList<ClerkEntry>> ClerksAsync(Guid agency, CancellationToken cancellation)
    {
        await position.ReachAsync([View], cancellation);
        var key = await keys.SubjectAsync(agency, cancellation);
        return await views.QueryAsync(
            $"select clerk, name from coffrefort_views.agency_clerks where agency = {agency} order by appointed_at",
            row => new ClerkEntry(row.GetGuid(0), Personal.FromToken(row.GetString(1)).Reveal(key)), cancellation);
    }

    private static AgencyEntry Entry(NpgsqlDataReader row) =>
        new(row.GetGuid(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4));
}

public sealed record AgencyEntry(Guid Agency, string Name, string Kind, string? SiteCode, string? Garrison)
{
    public bool IsSpace => Kind == Agencies.Agency.AtlasKind;
}

public sealed record HabilitationEntry(string Procedure, IReadOnlyList<string> EvidenceTypes, DateTimeOffset? Until);

public sealed record ClerkEntry(Guid Clerk, string? Name);
