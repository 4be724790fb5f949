using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace CoffreFort.Cli.Witness;

/// <summary>Keeps room for everybody: when there are too many connections, whoever has the most loses the oldest; among equals, whoever holds theirs the longest.</summary>
/// <remarks>
/// So nobody who holds connections open, idle or trickling, keeps others out: not those of other addresses, and not a later one of the same address. A log whose
/// connection is cut asks again; what was begun is brought to its end. Safe for concurrent use.
/// </remarks>
/// <param name="most">How many connections there may be.</param>
internal sealed class WitnessConnections(int most)
{
    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, Queue<(long Number, ConnectionContext Connection)>> open = [];
    private int count;
    private long last;

    /// <summary>One connection, from its beginning to its end.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var owner = Owner(connection.RemoteEndPoint);
        Add(owner, connection)?.Abort(new ConnectionAbortedException("Others need the room."));
        try
        {
            await next(connection);
        }
        finally
        {
            Remove(owner, connection);
        }
    }

    /// <returns>The connection that must go for it, if there are too many.</returns>
    private ConnectionContext? Add(IPAddress owner, ConnectionContext connection)
    {
        lock (gate)
        {
            if (!open.TryGetValue(owner, out var own)) open.Add(owner, own = []);
            own.Enqueue((++last, connection));
            if (++count <= most) return null;
            var oldest = open.Values.MaxBy(queue => (queue.Count, -queue.Peek().Number))!.Dequeue();
            count--;
            return oldest.Connection;
        }
    }

    private void Remove(IPAddress owner, ConnectionContext connection)
    {
        lock (gate)
        {
            if (!open.TryGetValue(owner, out var own)) return;
            var rest = new Queue<(long Number, ConnectionContext Connection)>(own.Where(one => one.Connection != connection));
            count -= own.Count - rest.Count;
            if (rest.Count > 0) open[owner] = rest;
            else open.Remove(owner);
        }
    }

    // Whoever has one IPv6 address has the 2^64 beside it.
    private static IPAddress Owner(EndPoint? remote)
    {
        if (remote is not IPEndPoint { Address: var address }) return IPAddress.None;
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
