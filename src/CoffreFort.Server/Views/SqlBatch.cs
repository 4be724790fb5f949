using Npgsql;

namespace CoffreFort.Server.Views;

/// <summary>Statements that go to PostgreSQL together. Each is written as an interpolated string, whose values become parameters, never text.</summary>
public sealed class SqlBatch(NpgsqlConnection connection) : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch = new(connection);

    public void Add(FormattableString statement) => AddParts(statement);

    /// <summary>One statement, put together from parts.</summary>
    public void AddParts(params IReadOnlyList<FormattableString> parts)
    {
        var command = new NpgsqlBatchCommand();
        foreach (var part in parts)
        {
            command.CommandText += Sql.Text(part, after: command.Parameters.Count);
            foreach (var value in part.GetArguments()) command.Parameters.Add(Sql.Parameter(value));
        }

        _batch.BatchCommands.Add(command);
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        if (_batch.BatchCommands.Count > 0) await _batch.ExecuteNonQueryAsync(cancellation);
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();
}
