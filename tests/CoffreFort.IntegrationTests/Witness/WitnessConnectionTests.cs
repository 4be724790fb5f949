using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CoffreFort.IntegrationTests.Witness;

/// <summary>Whoever holds connections to a witness open keeps nobody else out.</summary>
public sealed class WitnessConnectionTests : IAsyncLifetime, IDisposable
{
    private readonly HandMadeLog log = new("log.example/a");
    private readonly List<Socket> opened = [];
    private WitnessProcess witness = null!;

    public async Task InitializeAsync()
    {
        log.GrowTo(20);
        witness = await WitnessProcess.StartAsync(log.Key);
    }

    public async Task DisposeAsync() => await witness.DisposeAsync();

    public void Dispose()
    {
        foreach (var socket in opened) socket.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("POST /add-checkpoint HTTP/1.1\r\nHo")]
    public async Task connections_that_say_nothing_or_trickle_silence_it_neither_for_another_address_nor_for_their_own(string begun)
    {
        var other = await OpenAsync("127.0.0.2");
        await AssertAnswersAsync(other);
        for (var i = 0; i < 300; i++)
        {
            var idle = await OpenAsync("127.0.0.1");
            if (begun.Length > 0) await idle.SendAsync(Encoding.ASCII.GetBytes(begun));
        }

        await AssertAnswersAsync(other);
        Assert.Equal(200, (await witness.SubmitAsync(log.Request(0, 10))).Status);
        await AssertAnswersAsync(await OpenAsync("127.0.0.2"));
    }

    [Fact]
    public async Task a_connection_that_says_nothing_is_closed()
    {
        var idle = await OpenAsync("127.0.0.1");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Assert.Equal(0, await idle.ReceiveAsync(new byte[1], patience.Token));
    }

    private async Task<Socket> OpenAsync(string from)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        opened.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(witness.Address.Host, witness.Address.Port);
        return socket;
    }

    private static async Task AssertAnswersAsync(Socket socket)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes("HEAD / HTTP/1.1\r\nHost: w\r\n\r\n"));
        var answer = new byte[4096];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(answer, 0, await socket.ReceiveAsync(answer, patience.Token)), StringComparison.Ordinal);
    }
}
