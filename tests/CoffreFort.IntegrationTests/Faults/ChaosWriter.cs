using CoffreFort.EventStore;
using CoffreFort.IntegrationTests.Journal;
using Npgsql;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary>What a writer met.</summary>
internal sealed record WriterCounts(int Appends, int Slow, int Conflicts, int Bad, int Abandoned, int Outages, int Plain)
{
    public override string ToString() => $"{Slow} slow, {Conflicts} conflicting, {Bad} bad, {Abandoned} abandoned appends, {Outages} that met an outage";

    public static WriterCounts operator +(WriterCounts one, WriterCounts other) => new(
        one.Appends + other.Appends, one.Slow + other.Slow, one.Conflicts + other.Conflicts, one.Bad + other.Bad,
        one.Abandoned + other.Abandoned, one.Outages + other.Outages, one.Plain + other.Plain);
}

/// <summary>
/// Appends to the journal, every tenth time with a pause between reading and saving, every twentieth time so that it must fail. The same
/// transaction is written as others would write it into a table numbered by a sequence.
/// </summary>
internal sealed class ChaosWriter(WriterPlan plan, int number, EventStore.Journal journal, NpgsqlDataSource source, TextWriter output)
{
    private readonly Random random = new(HashCode.Combine(plan.Seed, number));
    private Guid stream = Guid.NewGuid();
    private int marks;

    public WriterCounts Counts { get; private set; } = new(0, 0, 0, 0, 0, 0, 0);

    public async Task RunAsync()
    {
        for (var turn = number; Counts.Appends * plan.EventsAnAppend < plan.EventsEach; turn++)
        {
            var slow = turn % 10 == 0;
            var failing = turn % 20 == 5;
            if (turn % 50 == 0) stream = Guid.NewGuid();
            try
            {
                if (failing) await FailAsync((turn / 20) % 3);
                else await AppendAsync(slow);
            }
            catch (JournalUnavailableException)
            {
                Counts = Counts with { Outages = Counts.Outages + 1 };
                await Task.Delay(20);
            }

            await WritePlainlyAsync(slow, failing);
        }
    }

    /// <summary>As many events as the plan says, marked with a number that nothing else has.</summary>
    private IEvent[] Marked()
    {
        var mark = ((long)number << 32) + ++marks;
        return [.. Enumerable.Range(0, plan.EventsAnAppend).Select(_ => new Deposited(mark))];
    }

    private async Task AppendAsync(bool slow)
    {
        var session = journal.OpenSession();
        (await session.FetchForWriting<Account>(stream)).Append(Marked());
        if (slow)
        {
            await PauseAsync();
            Counts = Counts with { Slow = Counts.Slow + 1 };
        }

        await AcknowledgedAsync(await session.SaveChangesAsync());
    }

    private async Task FailAsync(int how)
    {
        var session = journal.OpenSession();
        (await session.FetchForWriting<Account>(stream)).Append(Marked());
        switch (how)
        {
            case 0:
                await AppendAsync(slow: false);
                await FailsAsync<ConcurrencyException>(session);
                Counts = Counts with { Conflicts = Counts.Conflicts + 1 };
                break;
            case 1:
                session.StartStream<Account>(Guid.NewGuid(), new Garbled("{\"half\":"u8.ToArray()));
                await FailsAsync<PostgresException>(session);
                Counts = Counts with { Bad = Counts.Bad + 1 };
                break;
            default:
                Counts = Counts with { Abandoned = Counts.Abandoned + 1 };
                break;
        }
    }

    private async Task FailsAsync<T>(JournalSession session)
        where T : Exception
    {
        try
        {
            var taken = await session.SaveChangesAsync();
            await output.WriteLineAsync($"wrong: an append that had to fail stands at {taken.FirstPosition}");
        }
        catch (T)
        {
        }
    }

    private async Task AcknowledgedAsync(AppendResult result)
    {
        Counts = Counts with { Appends = Counts.Appends + 1 };
        await output.WriteLineAsync($"{result.FirstPosition} {result.LastPosition} {result.Events[0].EventId:N} {result.Events[^1].EventId:N}");
    }

    /// <summary>Number first, commit later: what readers of "id > last" skip.</summary>
    private async Task WritePlainlyAsync(bool slow, bool failing)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using var insert = new NpgsqlCommand("insert into naive.events (writer) values ($1)", connection, transaction);
            insert.Parameters.Add(new NpgsqlParameter<int> { TypedValue = number });
            await insert.ExecuteNonQueryAsync();
            if (slow) await PauseAsync();
            if (failing) await transaction.RollbackAsync();
            else await transaction.CommitAsync();
            Counts = Counts with { Plain = Counts.Plain + 1 };
        }
        catch (NpgsqlException)
        {
            // The database was killed: what became of it is the table's business.
        }
    }

    private Task PauseAsync() => Task.Delay(random.Next(2, 20));
}
