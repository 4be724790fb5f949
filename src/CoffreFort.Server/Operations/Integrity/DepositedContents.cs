using CoffreFort.Server.Edges.Blobs;
using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>
/// What the events of one snapshot say of stored content, in a temporary table of this session: it can be asked in both directions without being held in memory.
/// An event that can't be read is named, and passed over. Not safe for concurrent use.
/// </summary>
internal sealed class DepositedContents : IAsyncDisposable
{
    public const int PageSize = 500;

    // The JSON is taken apart here and not by PostgreSQL, which gives up the whole query at an escaped NUL.
    private const string EventsSql = """
        select seq_id, stream_id, data from coffrefort.mt_events
        where seq_id > $1 and seq_id <= $2 and regexp_replace(type, '_v[0-9]+$', '') in ('document_deposited', 'version_deposited') order by seq_id
        """;

    // The smaller of the two, should one of them be damaged; whatever lies beyond is read in one go.
    private const string SizeSql = "select least(size, (select coalesce(max(seq_id), 0) from coffrefort.mt_events)) from coffrefort.journal_head";

    private const string Create = """
        create temporary table deposited (seq_id bigint, document uuid, version text, blob text, length text, sha256 text) on commit drop
        """;

    private const string Index = "create index on deposited (seq_id); create index on deposited (blob); analyze deposited";

    private const string Insert = "insert into deposited select * from unnest($1, $2, $3, $4, $5, $6)";

    private readonly Snapshot _snapshot;
    private readonly IntegrityReport _report;

    private DepositedContents(Snapshot snapshot, IntegrityReport report) => (_snapshot, _report) = (snapshot, report);

    public long Count { get; private set; }

    /// <summary>Whether every event that stands there could be read and names a blob.</summary>
    public bool Complete { get; private set; } = true;

    public static async Task<DepositedContents> ReadAsync(NpgsqlDataSource database, IntegrityReport report, CancellationToken cancellation)
    {
        var contents = new DepositedContents(await Snapshot.BeginAsync(database, cancellation), report);
        await contents.GatherAsync(cancellation);
        return contents;
    }

    /// <summary>Of the events after one position up to another, without a snapshot for all. Those that can't be read are passed over.</summary>
    public static async Task<List<DepositedContent>> RangeAsync(NpgsqlDataSource database, long after, long until, CancellationToken cancellation)
    {
        await using var contents = new DepositedContents(await Snapshot.BeginAsync(database, cancellation), new IntegrityReport());
        return await contents.RangeAsync(after, until, cancellation);
    }

    /// <summary>The next ones in order; none at the end.</summary>
    public async Task<List<DepositedContent>> PageAsync(long after, CancellationToken cancellation) => (await _snapshot.TryListAsync(
        $"select seq_id, document, version, blob, length, sha256 from deposited where seq_id > $1 order by seq_id limit {PageSize}",
        row => new DepositedContent(row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5)), cancellation, after)).Rows;

    /// <summary>Which of these blobs an event names.</summary>
    public async Task<HashSet<string>> NamedAsync(string[] blobs, CancellationToken cancellation) =>
        [.. (await _snapshot.TryListAsync("select blob from deposited where blob = any($1)", row => row.GetString(0), cancellation, (object)blobs)).Rows];

    /// <summary>The next owners of personal texts: the streams that each have keys of their own.</summary>
    public Task<(List<Guid> Rows, string? Unreadable)> OwnersAsync(Guid? after, CancellationToken cancellation) => _snapshot.TryListAsync(
        $"select id from coffrefort.mt_streams where type in ('vault', 'agency', 'audit') and ($1 or id > $2) order by id limit {PageSize}",
        row => row.GetGuid(0), cancellation, after is null, after ?? Guid.Empty);

    public ValueTask DisposeAsync() => _snapshot.DisposeAsync();

    private async Task GatherAsync(CancellationToken cancellation)
    {
        await _snapshot.ExecuteAsync(Create, cancellation);
        var (sizes, unreadable) = await _snapshot.TryListAsync(SizeSql, row => row.GetInt64(0), cancellation);
        var size = sizes.Count == 1 ? sizes[0] : 0;
        if (unreadable is not null) Damaged("journal_head", $"can't be read: {unreadable}");
        for (var after = 0L; after < size; after += PageSize) await AddAsync(await RangeAsync(after, Math.Min(after + PageSize, size), cancellation), cancellation);
        var (strays, unread) = await _snapshot.TryListAsync(EventsSql, Read, cancellation, size, long.MaxValue);
        if (unread is not null) Damaged("mt_events", $"what its events after {size} say of contents can't be read: {unread}");
        await AddAsync(strays, cancellation);
        await _snapshot.ExecuteAsync(Index, cancellation);
    }

    /// <summary>Where a range can't be read its halves are tried.</summary>
    private async Task<List<DepositedContent>> RangeAsync(long after, long until, CancellationToken cancellation)
    {
        var (rows, unreadable) = await _snapshot.TryListAsync(EventsSql, Read, cancellation, after, until);
        if (unreadable is null) return rows;
        if (until - after == 1)
        {
            Damaged($"mt_events seq_id={until}", $"what it says of content can't be read: {unreadable}");
            return [];
        }

        var middle = after + ((until - after) / 2);
        return [.. await RangeAsync(after, middle, cancellation), .. await RangeAsync(middle, until, cancellation)];
    }

    private void Damaged(string thing, string what)
    {
        Complete = false;
        _report.Damaged(Areas.Blobs, thing, what);
    }

    private static DepositedContent Read(NpgsqlDataReader row) => DepositedContent.Read(row.GetInt64(0), row.GetGuid(1), row.GetFieldValue<byte[]>(2));

    private async Task AddAsync(List<DepositedContent> contents, CancellationToken cancellation)
    {
        foreach (var content in contents.Where(content => content.HoldsNul))
        {
            _report.Unchecked(
                Areas.Blobs, $"mt_events seq_id={content.Position}",
                "holds an escaped NUL: what it says of content was read all the same, and no query of PostgreSQL's, views among them, can read that text");
        }

        if (contents.Count == 0) return;
        Complete &= contents.All(content => BlobName.TryParse(content.Blob, out _));
        Count += contents.Count;
        await _snapshot.ExecuteAsync(
            Insert, cancellation, contents.Select(one => one.Position).ToArray(), contents.Select(one => one.Document).ToArray(), contents.Select(one => one.Version).ToArray(),
            contents.Select(one => one.Blob).ToArray(), contents.Select(one => one.Length).ToArray(), contents.Select(one => one.Sha256).ToArray());
    }
}
