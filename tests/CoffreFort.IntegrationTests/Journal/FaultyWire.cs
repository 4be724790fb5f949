using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>A wire between a node and PostgreSQL that breaks on command, at exactly the instant one asks for.</summary>
public sealed class FaultyWire : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource closing = new();
    private readonly string upstream;
    private readonly NpgsqlConnectionStringBuilder settings;
    private readonly Task accepting;
    private int armed;

    public FaultyWire(string connectionString)
    {
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

        /// <summary>The head is locked; what the node then sends never arrives.</summary>
        WriteAndCommit,

        /// <summary>The node sees the wire break, but what it sent still arrives a while later.</summary>
        LateCommit,
    }

    public string ConnectionString => settings.ConnectionString;

    /// <summary>How many breaks were made: a test that makes none proves nothing.</summary>
    public int Breaks { get; private set; }

    /// <summary>Whether whoever connects anew is turned away.</summary>
    public bool TurnsAway { get; set; }

    /// <summary>The next group breaks like this, once.</summary>
    public void Arm(Break how) => Volatile.Write(ref armed, (int)how);

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
            var locked = new bool[1];
            await Task.WhenAny(RequestsAsync(node, server, locked), AnswersAsync(server, node, locked));
        }
    }

    private async Task RequestsAsync(Socket node, Socket server, bool[] locked)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await node.ReceiveAsync(buffer, closing.Token)) > 0;)
            {
                if (locked[0] && Take(Break.WriteAndCommit)) return;
                if (locked[0] && Take(Break.LateCommit))
                {
                    node.Close();
                    await Task.Delay(300);
                    await SendAsync(server, buffer.AsMemory(0, read));
                    await Task.Delay(300);
                    return;
                }

                await SendAsync(server, buffer.AsMemory(0, read));
            }
        }
        catch (Exception broken) when (broken is SocketException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }

    private async Task AnswersAsync(Socket server, Socket node, bool[] locked)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await server.ReceiveAsync(buffer, closing.Token)) > 0;)
            {
                var answer = buffer.AsMemory(0, read);
                if (answer.Span.IndexOf("BEGIN\0"u8) >= 0) locked[0] = true;
                if (answer.Span.IndexOf("COMMIT\0"u8) >= 0)
                {
                    locked[0] = false;
                    if (Take(Break.AnswerToCommit)) return;
                }

                // Once the node's side was cut, the server's answers go nowhere, but the server must not notice too early.
                if (node.Connected) await SendAsync(node, answer);
            }
        }
        catch (Exception broken) when (broken is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            if (Breaks > 0) await Task.Delay(800);
        }
    }

    private bool Take(Break how)
    {
        if (Interlocked.CompareExchange(ref armed, 0, (int)how) != (int)how) return false;
        Breaks++;
        return true;
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes)..];
    }
}
