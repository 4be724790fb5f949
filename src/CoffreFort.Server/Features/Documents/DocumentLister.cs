using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Views;
using Npgsql;

namespace CoffreFort.Server.Features.Documents;

/// <summary>Lists documents, and gives a vault's newest versions as the evidence that requirements are held against.</summary>
public sealed class DocumentLister(ViewDatabase views, ReadPosition position, RequestKeys keys)
{
    /// <summary>The vault's documents in the order of their first deposit, after the one named.</summary>
    public async Task<IReadOnlyList<DocumentView>> ListAsync(Guid vault, Guid? after, int limit, CancellationToken cancellation)
    {
        await position.ReachAsync(["document_list"], cancellation);
        var rows = await views.QueryAsync(
            $"""
            select document, vault, evidence_type, title, version, size, media_type, file_name, deposited_at, event, issued_on, expires_on, period, erasing_since is not null, signature
            from coffrefort_views.document_list
            where vault = {vault} and is_latest and document > {after ?? Guid.Empty} order by document limit {limit}
            """,
            row => (Title: Personal.FromToken(row.GetString(3)), FileName: Personal.FromToken(row.GetString(7)), Signature: row.IsDBNull(14) ? null : SignatureFound.FromRow(row.GetString(14)), View: new DocumentView(
                row.GetGuid(0), row.GetGuid(1), row.GetString(2), null, row.GetInt32(4), row.GetInt64(5), row.GetString(6), null, row.GetFieldValue<DateTime>(8),
                $"/api/v1/receipts/{row.GetGuid(9)}", Day(row, 10), Day(row, 11), row.IsDBNull(12) ? null : row.GetString(12))
            { IsErasing = row.GetBoolean(13) }),
            cancellation);
        await keys.PrepareAsync(vault, rows.SelectMany(row => new[] { row.Title, row.FileName }), cancellation);
        var shown = new List<DocumentView>(rows.Count);
        foreach (var (title, fileName, signature, view) in rows)
        {
            shown.Add(view with
            {
                Title = await keys.RevealAsync(vault, title, cancellation),
                FileName = await keys.RevealAsync(vault, fileName, cancellation),
                Signature = await SignatureView.OfAsync(signature, vault, keys, cancellation),
            });
        }

        return shown;
    }

    /// <summary>The newest version of each document: what satisfies requirements, and what a standing consent reaches.</summary>
    public async Task<IReadOnlyList<HeldEvidence>> HeldAsync(Guid vault, CancellationToken cancellation)
    {
        await position.ReachAsync(["document_list"], cancellation, insist: true);
        return await views.QueryAsync(
            $"""
            select document, version, evidence_type, issued_on, expires_on, period, deposited_at
            from coffrefort_views.document_list where vault = {vault} and is_latest and erasing_since is null order by document
            """,
            row => new HeldEvidence(
                row.GetGuid(0), row.GetInt32(1), row.GetString(2), Day(row, 3), Day(row, 4), row.IsDBNull(5) ? null : row.GetString(5),
                FrenchCalendar.DayOf(row.GetFieldValue<DateTime>(6)), null),
            cancellation);
    }

    private static DateOnly? Day(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateOnly>(column);
}
