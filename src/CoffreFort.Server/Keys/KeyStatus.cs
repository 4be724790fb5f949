using Npgsql;

namespace CoffreFort.Server.Keys;

/// <summary>How epochs stand.</summary>
/// <param name="Live">Those with keys below them, the oldest first.</param>
/// <param name="Ended">Those that ended, the oldest first.</param>
public sealed record KeyStatus(IReadOnlyList<LiveEpoch> Live, IReadOnlyList<EndedEpoch> Ended)
{
    private static readonly TimeSpan AMomentBefore = TimeSpan.FromHours(12);

    private const string LiveSql = """
        select e.epoch, e.root_key_id, count(v.vault), count(v.vault) filter (where v.spent)
        from epoch_keys e left join vault_keys v on v.epoch = e.epoch group by e.epoch order by e.epoch
        """;

    /// <exception cref="NpgsqlException">The key database doesn't answer.</exception>
    public static async Task<KeyStatus> ReadAsync(KeyDatabase database, CancellationToken cancellation)
    {
        var (live, ended) = (new List<LiveEpoch>(), new List<EndedEpoch>());
        await using var batch = database.Source.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LiveSql));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select epoch, root_key_id, ended, gone_after from ended_epochs order by epoch"));
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation)) live.Add(new LiveEpoch(reader.GetInt32(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3)));
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            ended.Add(new EndedEpoch(reader.GetInt32(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3)));
        return new KeyStatus(live, ended);
    }

    /// <summary>Epochs that should have ended for good by now, or will too late: what was destroyed in them is final later than was promised.</summary>
    /// <param name="now">The time by which epochs go.</param>
    /// <param name="slack">So long after the month's end vault keys may still be below it; its root key may stay almost as long as was promised.</param>
    public IEnumerable<int> Late(DateTimeOffset now, TimeSpan slack) =>
        Live.Where(epoch => now > EpochEnd.EndOf(epoch.Epoch) + slack).Select(epoch => epoch.Epoch)
            .Concat(Ended.Where(epoch => epoch.GoneAfter is { } gone ? gone > now && gone > EpochEnd.EndOf(epoch.Epoch) + EpochEnd.Slack : now > EpochEnd.EndOf(epoch.Epoch) + EpochEnd.Slack - AMomentBefore).Select(epoch => epoch.Epoch));
}

/// <param name="Epoch">The month, such as 202611.</param>
/// <param name="RootKeyId">What wraps its key.</param>
/// <param name="VaultKeys">How many are below it.</param>
/// <param name="Spent">How many of them will be replaced at its end, because a key below them was destroyed.</param>
public sealed record LiveEpoch(int Epoch, string RootKeyId, long VaultKeys, long Spent);

/// <param name="Epoch">The month, such as 202611.</param>
/// <param name="RootKeyId">What wrapped its key.</param>
/// <param name="Ended">When nothing was below it any more.</param>
/// <param name="GoneAfter">From when on nobody can bring the root's key back; null while it is not destroyed.</param>
public sealed record EndedEpoch(int Epoch, string RootKeyId, DateTimeOffset Ended, DateTimeOffset? GoneAfter);
