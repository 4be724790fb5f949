using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>A webhook endpoint below HTTP: it keeps connections waiting in ways that no web server lets one choose.</summary>
internal sealed class SlowReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly SlowReceiverTests.Manner _manner;
    private readonly Task _accepting;

    public SlowReceiver(SlowReceiverTests.Manner manner)
    {
        _manner = manner;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/hook");

    /// <summary>When each call came.</summary>
    public ConcurrentQueue<TimeSpan> Calls { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        await _accepting;
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        var calls = new List<Task>();
        try
        {
            while (true) calls.Add(AnswerAsync(await _listener.AcceptSocketAsync(_closing.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(calls);
        }
    }

    private async Task AnswerAsync(Socket caller)
    {
        using (caller)
        {
            try
            {
                var buffer = new byte[16 * 1024];
                if (await caller.ReceiveAsync(buffer, _closing.Token) == 0) return;
                Calls.Enqueue(Stopwatch.GetElapsedTime(0));
                if (_manner == SlowReceiverTests.Manner.HangsUp) return;
                if (_manner == SlowReceiverTests.Manner.AnswersTooLate) await Task.Delay(TimeSpan.FromSeconds(2), _closing.Token);
                if (_manner == SlowReceiverTests.Manner.AnswersTooLate) await caller.SendAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), _closing.Token);
                if (_manner == SlowReceiverTests.Manner.TakesAndTricklesABody) await caller.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"u8.ToArray(), _closing.Token);
                if (_manner == SlowReceiverTests.Manner.TricklesItsAnswer) await caller.SendAsync("HTTP/1.1 200 OK\r\nX-Slow: "u8.ToArray(), _closing.Token);
                // A byte now and then, so that the connection is never quiet for long.
                while (_manner is SlowReceiverTests.Manner.TricklesItsAnswer or SlowReceiverTests.Manner.TakesAndTricklesABody)
                {
                    await caller.SendAsync("a"u8.ToArray(), _closing.Token);
                    await Task.Delay(50, _closing.Token);
                }

                while (await caller.ReceiveAsync(buffer, _closing.Token) > 0) ;
            }
            catch (Exception broken) when (broken is SocketException or OperationCanceledException or ObjectDisposedException)
            {
            }
        }
    }
}
