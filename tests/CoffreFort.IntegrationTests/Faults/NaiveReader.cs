using Npgsql;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary>Follows a table by "id > last", as if numbers became visible in their order.</summary>
internal sealed class NaiveReader(NpgsqlDataSource database)
{
    private long last;

    /// <summary>How many rows it has seen.</summary>
    public long Seen { get; private set; }

    public async Task FollowAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await LookAsync();
            }
            catch (NpgsqlException)
            {
                database.Clear();
            }

            await Task.Delay(1, CancellationToken.None);
        }
    }

    /// <summary>Reads what is new, and after all writers have ended says how many rows it never saw.</summary>
    public async Task<long> LostAsync()
    {
        await LookAsync();
        await using var count = database.CreateCommand("select count(*) from naive.events");
        return (long)(await count.ExecuteScalarAsync())! - Seen;
    }

    private async Task LookAsync()
    {
        await using var command = database.CreateCommand("select id from naive.events where id > $1 order by id");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = last });
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<long>();
        while (await reader.ReadAsync()) found.Add(reader.GetInt64(0));
        if (found.Count == 0) return;
        Seen += found.Count;
        last = found[^1];
    }
}
