using Npgsql;

namespace CoffreFort.Server.Hosting;

/// <summary>Asks all parts. Safe for concurrent use.</summary>
public sealed class Readiness(IEnumerable<IReadinessPart> parts, ProblemRecord record)
{
    public async Task<IReadOnlyList<(string Name, ReadinessReport Report)>> LookAsync(CancellationToken cancellation)
    {
        var looked = await Task.WhenAll(parts.Select(async part => (part.Name, Report: await LookAsync(part, cancellation))));
        var undated = looked.SelectMany(part => part.Report.Problems).Any(problem => problem.Since is null);
        // Where the journal doesn't answer, the record of problems doesn't either.
        if (!undated || looked.Any(part => part.Report.Problems.Any(problem => problem.Code == JournalReadiness.Unavailable))) return looked;
        var known = await KnownAsync(cancellation);
        return [.. looked.Select(part => (part.Name, part.Report with { Problems = [.. part.Report.Problems.Select(problem => problem with { Since = problem.Since ?? SinceOf(problem) })] }))];

        DateTimeOffset? SinceOf(ReadinessProblem problem) => known.TryGetValue((problem.Code, problem.Subject), out var since) ? since : null;
    }

    public async Task<IReadOnlyList<ReadinessProblem>> ProblemsAsync(CancellationToken cancellation) =>
        [.. (await LookAsync(cancellation)).SelectMany(part => part.Report.Problems)];

    private static async Task<ReadinessReport> LookAsync(IReadinessPart part, CancellationToken cancellation)
    {
        try
        {
            return await part.LookAsync(cancellation);
        }
#pragma warning disable CA1031 // What can't be looked at is not well.
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            return new ReadinessReport(new { fault = failure.GetType().Name }, [new ReadinessProblem("unknown", part.Name, $"It can't be looked at: {failure.GetType().Name}.")]);
        }
#pragma warning restore CA1031
    }

    private async Task<IReadOnlyDictionary<(string Code, string Subject), DateTimeOffset>> KnownAsync(CancellationToken cancellation)
    {
        try
        {
            return await record.ReadAsync(cancellation);
        }
        catch (NpgsqlException)
        {
            return new Dictionary<(string, string), DateTimeOffset>();
        }
    }
}
