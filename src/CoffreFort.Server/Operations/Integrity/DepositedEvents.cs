using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>The events that say of stored content, but for erased documents, read so that one that can't be read is named and passed over.</summary>
internal sealed class DepositedEvents(ReadSnapshot snapshot, IntegrityReport report)
{
    // The JSON is taken apart here and not by PostgreSQL, which gives up the whole query at an escaped NUL.
    private const string EventsSql = """
        select seq_id, stream_id, data from coffrefort.mt_events e
        where seq_id > $1 and seq_id <= $2 and regexp_replace(type, '_v[0-9]+$', '') in ('document_deposited', 'version_deposited')
            and not exists (select from coffrefort.mt_events x where x.stream_id = e.stream_id and regexp_replace(x.type, '_v[0-9]+$', '') = 'document_erased')
        order by seq_id
        """;

    // The smaller of the two, should one of them be damaged.
    private const string SizeSql = "select least(size, (select coalesce(max(seq_id), 0) from coffrefort.mt_events)) from coffrefort.journal_head";

    /// <summary>Whether every event could be read.</summary>
    public bool Complete { get; private set; } = true;

    /// <summary>How many events there are, as far as that can be read.</summary>
    public async Task<long> SizeAsync(CancellationToken cancellation)
    {
        var (sizes, unreadable) = await snapshot.TryListAsync(SizeSql, row => row.GetInt64(0), cancellation);
        if (unreadable is not null) Damaged("journal_head", $"can't be read: {unreadable}");
        return sizes.FirstOrDefault();
    }

    /// <summary>Those after one position up to another. Where a range can't be read its halves are tried.</summary>
    public async Task<List<DepositedContent>> RangeAsync(long after, long until, CancellationToken cancellation)
    {
        var (rows, unreadable) = await snapshot.TryListAsync(EventsSql, Read, cancellation, after, until);
        if (unreadable is null) return rows;
        if (until - after == 1)
        {
            Damaged($"mt_events seq_id={until}", $"what it says of content can't be read: {unreadable}");
            return [];
        }

        var middle = after + ((until - after) / 2);
        return [.. await RangeAsync(after, middle, cancellation), .. await RangeAsync(middle, until, cancellation)];
    }

    /// <summary>Those that a damaged position puts after the end.</summary>
    public async Task<List<DepositedContent>> StraysAsync(long size, CancellationToken cancellation)
    {
        var (rows, unreadable) = await snapshot.TryListAsync(EventsSql, Read, cancellation, size, long.MaxValue);
        if (unreadable is not null) Damaged("mt_events", $"what its events after {size} say of contents can't be read: {unreadable}");
        return rows;
    }

    private static DepositedContent Read(NpgsqlDataReader row) => DepositedContent.Read(row.GetInt64(0), row.GetGuid(1), row.GetFieldValue<byte[]>(2));

    private void Damaged(string thing, string what)
    {
        Complete = false;
        report.Damaged(Areas.Blobs, thing, what);
    }
}
