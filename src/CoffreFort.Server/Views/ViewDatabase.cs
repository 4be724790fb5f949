using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.Server.Views;

/// <summary>Queries over the projections' tables. Safe for concurrent use.</summary>
public sealed class ViewDatabase(NpgsqlDataSource database)
{
    /// <summary>Runs a query whose interpolated values become parameters.</summary>
    /// <exception cref="JournalUnavailableException">PostgreSQL can't be reached.</exception>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(FormattableString query, Func<NpgsqlDataReader, T> row, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        try
        {
            await using var command = database.CreateCommand(Sql.Text(query));
            foreach (var value in query.GetArguments()) command.Parameters.Add(Sql.Parameter(value));
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellation)) rows.Add(row(reader));
            return rows;
        }
        catch (NpgsqlException failure) when (failure is not PostgresException || failure.IsTransient)
        {
            throw new JournalUnavailableException("The views can't be read now.", failure);
        }
    }

    /// <summary>The first row, or null.</summary>
    public async Task<T?> FindAsync<T>(FormattableString query, Func<NpgsqlDataReader, T> row, CancellationToken cancellation)
        where T : class => (await QueryAsync(query, row, cancellation)) is [var first, ..] ? first : null;
}
