using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>A wire between a node and PostgreSQL that breaks on command, at exactly the instant one asks for.</summary>
public sealed class FaultyWire : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource closing = new();
    private readonly string direct;
    private readonly string upstream;
    private readonly NpgsqlConnectionStringBuilder settings;
    private readonly Task accepting;
    private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool heldBack;
    private volatile TaskCompletionSource? frozen;
    private int armed;

    public FaultyWire(string connectionString)
    {
        direct = connectionString;
        settings = new NpgsqlConnectionStringBuilder(connectionString);
        upstream = Path.Combine(settings.Host!, ".s.PGSQL.5432");
        listener.Start();
        settings.Host = "127.0.0.1";
        settings.Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        settings.SslMode = SslMode.Disable;
        accepting = AcceptAsync();
    }

    public enum Break
    {
        None,

        /// <summary>PostgreSQL commits; its answer never arrives.</summary>
        AnswerToCommit,

        /// <summary>What the node sends to write its group never arrives; the head is locked, if the node looked first.</summary>
        WriteAndCommit,

        /// <summary>The node sees the wire break, but what it sent still arrives, when the node is already asking what became of it.</summary>
        LateCommit,

        /// <summary>The node, which did not look first, sees the wire break; what it sent arrives when PostgreSQL has just said that it was not written. Once a wire.</summary>
        LateGuess,
    }

    // PostgreSQL's "ready for query" outside a transaction: what was sent before is committed, or rolled back.
    private static ReadOnlySpan<byte> ReadyAndIdle => [(byte)'Z', 0, 0, 0, 5, (byte)'I'];

    public string ConnectionString => settings.ConnectionString;

    /// <summary>How many breaks were made: a test that makes none proves nothing.</summary>
    public int Breaks { get; private set; }

    /// <summary>Whether whoever connects anew is turned away.</summary>
    public bool TurnsAway { get; set; }

    /// <summary>The next group breaks like this, once.</summary>
    public void Arm(Break how) => Volatile.Write(ref armed, (int)how);

    /// <summary>From now on nothing arrives on either side, and neither is told: what is sent waits.</summary>
    public void Freeze() => frozen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What waited goes on its way.</summary>
    public void Thaw()
    {
        var waiting = frozen;
        frozen = null;
        waiting?.SetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Stop();
        await accepting;
        closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        var wires = new List<Task>();
        try
        {
            while (true)
            {
                var node = await listener.AcceptSocketAsync(closing.Token);
                node.NoDelay = true;
                if (TurnsAway) node.Close();
                else wires.Add(CarryAsync(node));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(wires);
        }
    }

    private async Task CarryAsync(Socket node)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (node)
        {
            await server.ConnectAsync(new UnixDomainSocketEndPoint(upstream));
            var seen = new Seen();
            await Task.WhenAny(RequestsAsync(node, server, seen), AnswersAsync(server, node, seen));
        }
    }

    private async Task RequestsAsync(Socket node, Socket server, Seen seen)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await node.ReceiveAsync(buffer, closing.Token)) > 0;)
            {
                // Only what writes a group names its events.
                seen.Writes |= buffer.AsSpan(0, read).IndexOf("test_deposited"u8) >= 0;
                if (seen.Writes && Take(Break.WriteAndCommit)) return;
                if (seen.Writes && !seen.Locked && Take(Break.LateGuess))
                {
                    seen.Cut = heldBack = true;
                    node.Close();
                    await asked.Task.WaitAsync(closing.Token);
                    await SendAsync(server, buffer.AsMemory(0, read));
                    await seen.Committed.Task.WaitAsync(closing.Token);
                    arrived.SetResult();
                    return;
                }

                if (seen.Locked && Take(Break.LateCommit))
                {
                    seen.Cut = true;
                    node.Close();
                    await UntilSomebodyWaitsForALockAsync();
                    await SendAsync(server, buffer.AsMemory(0, read));
                    await seen.Committed.Task.WaitAsync(closing.Token);
                    return;
                }

                await SendAsync(server, buffer.AsMemory(0, read));
            }
        }
        catch (Exception broken) when (broken is SocketException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }

    private async Task AnswersAsync(Socket server, Socket node, Seen seen)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await server.ReceiveAsync(buffer, closing.Token)) > 0;)
            {
                var answer = buffer.AsMemory(0, read);
                if (answer.Span.IndexOf("BEGIN\0"u8) >= 0) seen.Locked = true;
                if (answer.Span.IndexOf("COMMIT\0"u8) >= 0 && heldBack && asked.TrySetResult()) await arrived.Task.WaitAsync(closing.Token);
                if (seen.Writes && answer.Span.IndexOf(ReadyAndIdle) >= 0)
                {
                    seen.Locked = seen.Writes = false;
                    seen.Committed.TrySetResult();
                    if (Take(Break.AnswerToCommit)) return;
                }

                // Once the node's side was cut the server's answers go nowhere, and the server must not notice.
                if (!seen.Cut) await SendAsync(node, answer);
            }
        }
        catch (Exception broken) when (broken is SocketException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }

    /// <summary>The node has come back and asks what became of its group: it waits for the lock that the group still holds.</summary>
    private async Task UntilSomebodyWaitsForALockAsync()
    {
        await using var beside = NpgsqlDataSource.Create(direct);
        await using var look = beside.CreateCommand("select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')");
        while (!(bool)(await look.ExecuteScalarAsync(closing.Token))!) await Task.Delay(5, closing.Token);
    }

    private bool Take(Break how)
    {
        if (Interlocked.CompareExchange(ref armed, 0, (int)how) != (int)how) return false;
        Breaks++;
        return true;
    }

    private async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        if (frozen is { } waiting) await waiting.Task.WaitAsync(closing.Token);
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes)..];
    }

    /// <summary>What passed over one connection.</summary>
    private sealed class Seen
    {
        public volatile bool Locked;
        public volatile bool Writes;
        public volatile bool Cut;

        public TaskCompletionSource Committed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
