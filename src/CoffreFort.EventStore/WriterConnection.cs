using System.Globalization;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>
/// The one connection through which a node writes. It is kept, so that statements stay prepared and readers can't starve the
/// writer of connections; it is replaced after any failure that leaves its state in doubt. Not safe for concurrent use.
/// </summary>
internal sealed class WriterConnection(NpgsqlDataSource database, JournalOptions options, Action opening) : IAsyncDisposable
{
    // The planner may not choose by the size that a table had when a statement was first planned: every look-up is by index.
    // Group commit is worth nothing if the commit is not durable, whatever the database's default is.
    private const string SettingsSql = """
        select set_config('application_name', 'coffrefort journal', false),
            set_config('lock_timeout', $1, false),
            set_config('statement_timeout', $1, false),
            set_config('idle_in_transaction_session_timeout', $2, false),
            set_config('jit', 'off', false),
            set_config('enable_seqscan', 'off', false),
            set_config('enable_hashjoin', 'off', false),
            set_config('enable_mergejoin', 'off', false),
            set_config('plan_cache_mode', 'force_generic_plan', false),
            set_config('default_transaction_isolation', 'read committed', false),
            set_config('synchronous_commit', case current_setting('synchronous_commit') when 'off' then 'on' else current_setting('synchronous_commit') end, false)
        """;

    private NpgsqlConnection? _connection;
    private AppendCommand? _append;
    private AppendCommand? _appendAndCommit;

    /// <summary>Writes a group in a transaction of its own.</summary>
    public async Task<AppendCommand> AppendAsync(CancellationToken cancellation) =>
        _append ??= new AppendCommand(await OpenAsync(cancellation), endsTransaction: false);

    /// <summary>Writes a group at the end of the open transaction.</summary>
    public async Task<AppendCommand> AppendAndCommitAsync(CancellationToken cancellation) =>
        _appendAndCommit ??= new AppendCommand(await OpenAsync(cancellation), endsTransaction: true);

    /// <summary>The connection, opened if there is none.</summary>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellation)
    {
        if (_connection is { FullState: System.Data.ConnectionState.Open }) return _connection;
        await DisposeAsync();
        opening();
        var opened = await database.OpenConnectionAsync(cancellation);
        try
        {
            await using var settings = new NpgsqlCommand(SettingsSql, opened);
            settings.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Milliseconds(options.GroupTimeout) });
            settings.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Milliseconds(options.StallLimit) });
            await settings.ExecuteNonQueryAsync(cancellation);
            return _connection = opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the open transaction, or the connection if that fails. Never throws.</summary>
    public async Task AbandonAsync(CancellationToken cancellation)
    {
        try
        {
            if (_connection is not { FullState: System.Data.ConnectionState.Open }) throw new InvalidOperationException("The connection is broken.");
            await using var rollback = new NpgsqlCommand("rollback", _connection);
            await rollback.ExecuteNonQueryAsync(cancellation);
        }
#pragma warning disable CA1031 // Whatever went wrong, another connection will do.
        catch (Exception)
        {
            await DisposeAsync();
        }
#pragma warning restore CA1031
    }

    public async ValueTask DisposeAsync()
    {
        if (_append is not null) await _append.DisposeAsync();
        if (_appendAndCommit is not null) await _appendAndCommit.DisposeAsync();
        _append = _appendAndCommit = null;
        var connection = _connection;
        _connection = null;
        if (connection is not null) await connection.DisposeAsync();
    }

    private static string Milliseconds(TimeSpan time) => Math.Max(1, (long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
