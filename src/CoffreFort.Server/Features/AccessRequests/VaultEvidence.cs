using CoffreFort.EventStore;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Views;
using Npgsql;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>What a vault holds of some types, at every version: what requirements are held against, and what a preview shows of it.</summary>
public sealed class VaultEvidence(ViewDatabase views, ReadPosition position, RequestKeys keys)
{
    public async Task<IReadOnlyList<EvidenceOnFile>> OfAsync(Guid vault, IEnumerable<string> types, CancellationToken cancellation)
    {
        await position.ReachAsync(["document_list"], cancellation, insist: true);
        return await views.QueryAsync(
            $"""
            select document, version, evidence_type, issued_on, expires_on, period, deposited_at, is_latest, title, size, media_type, signature
            from coffrefort_views.document_list where vault = {vault} and erasing_since is null and evidence_type = any({types.ToArray()}) order by document, version
            """,
            row => new EvidenceOnFile(
                new HeldEvidence(
                    row.GetGuid(0), row.GetInt32(1), row.GetString(2), Day(row, 3), Day(row, 4), row.IsDBNull(5) ? null : row.GetString(5),
                    FrenchCalendar.DayOf(row.GetFieldValue<DateTime>(6)), null),
                row.GetBoolean(7), Personal.FromToken(row.GetString(8)), row.GetInt64(9), row.GetString(10))
            { Signature = row.IsDBNull(11) ? null : SignatureFound.FromRow(row.GetString(11)) },
            cancellation);
    }

    /// <summary>
    /// The newest versions, read again from their streams and guarded: whatever is decided on them is not written if one of them has changed by then.
    /// </summary>
    public static async Task<IReadOnlyList<HeldEvidence>> GuardAsync(
        JournalSession session, IReadOnlyList<EvidenceOnFile> onFile, CancellationToken cancellation)
    {
        var held = new List<HeldEvidence>();
        foreach (var (listed, _, _, _, _) in onFile.Where(one => one.IsLatest))
        {
            var document = (await session.FetchGuarded<Document>(listed.Document, cancellation)).State;
            if (document.Versions.Count == 0 || document.Erasure.IsClosed) continue;
            var latest = document.Latest;
            // The day of a deposit never changes; of a version that the list has not caught up with, it is today.
            var day = latest.Number == listed.Version ? listed.DepositedOn : FrenchCalendar.DayOf(session.Now);
            held.Add(new HeldEvidence(
                listed.Document, latest.Number, document.EvidenceType, latest.Dates.IssuedOn, latest.Dates.ExpiresOn, latest.Dates.Period, day, null));
        }

        return held;
    }

    /// <summary>The pieces of an evaluation as their holder sees them, with the titles of what would be shown.</summary>
    public async Task<IReadOnlyList<PieceView>> DescribeAsync(
        Guid vault, Evaluation evaluation, IReadOnlyList<EvidenceOnFile> onFile, CancellationToken cancellation)
    {
        await keys.PrepareAsync(vault, onFile.Select(one => one.Title), cancellation);
        var shown = new List<PieceView>(evaluation.Pieces.Count);
        foreach (var piece in evaluation.Pieces)
        {
            var file = onFile.FirstOrDefault(one => one.Held.Document == piece.Document && one.Held.Version == piece.Version);
            shown.Add(PieceView.Of(piece) with { Title = await keys.RevealAsync(vault, file?.Title, cancellation), Size = file?.Size, MediaType = file?.MediaType, Signature = await SignatureView.OfAsync(file?.Signature, vault, keys, cancellation) });
        }

        return shown;
    }

    private static DateOnly? Day(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateOnly>(column);
}

/// <summary>One version of a document in a vault.</summary>
public sealed record EvidenceOnFile(HeldEvidence Held, bool IsLatest, Personal Title, long Size, string MediaType)
{
    /// <summary>The signature that it brought along; null for none.</summary>
    public SignatureFound? Signature { get; init; }
}
