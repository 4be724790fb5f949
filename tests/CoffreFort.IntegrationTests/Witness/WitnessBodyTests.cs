using System.Globalization;
using System.Net.Sockets;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace CoffreFort.IntegrationTests.Witness;

/// <summary>Bodies that no honest log sends.</summary>
public sealed class WitnessBodyTests : IAsyncLifetime
{
    private readonly HandMadeLog log = new("log.example/a");
    private WitnessProcess witness = null!;

    public async Task InitializeAsync()
    {
        log.GrowTo(1000);
        witness = await WitnessProcess.StartAsync(log.Key);
        Assert.Equal(200, (await witness.SubmitAsync(log.Request(0, 100))).Status);
    }

    public async Task DisposeAsync() => await witness.DisposeAsync();

    [Fact]
    public async Task malformed_bodies_are_refused_as_such()
    {
        var (note, proof, hash) = (log.Checkpoint(200).ToString(), log.Proof(100, 200), Convert.ToBase64String(new byte[32]));
        var rest = log.Request(100, 200)["old 100".Length..];
        List<string> malformed =
        [
            "", "\n", "\n\n", "old 0", "old 0\n", "old 0\n\n", $"\n{note}", note, $"old 100{note}", $"old 100\n{note}", $"old 100\r\n\r\n{note}",
            $"old{rest}", $"old {rest}", $"old  100{rest}", $" old 100{rest}", $"old 100 {rest}", $"Old 100{rest}", $"old\t100{rest}", $"new 100{rest}", $"old 0100{rest}", $"old +100{rest}",
            $"old -1{rest}", $"old -0{rest}", $"old 1e2{rest}", $"old 0x64{rest}", $"old 100.0{rest}", $"old ١٠٠{rest}", $"old 9223372036854775808{rest}", $"old 18446744073709551616{rest}",
            $"old 99999999999999999999999{rest}", $"old 201{rest}", $"old 9223372036854775807{rest}", $"old 100\n{rest}", $"\ufeffold 100{rest}",
            $"old 100\n\n\n{note}", $"old 100\n \n{note}", $"old 100\n{hash[..^1]}\n\n{note}", $"old 100\n{hash[..^2]}A\n\n{note}", $"old 100\n{hash[..^2]}B=\n\n{note}", $"old 100\n {hash}\n\n{note}",
            $"old 100\n{hash} \n\n{note}", $"old 100\n{hash}\r\n\n{note}", $"old 100\n{hash.Replace('A', '-')}\n\n{note}", $"old 100\n{Convert.ToBase64String(new byte[31])}\n\n{note}",
            $"old 100\n{Convert.ToBase64String(new byte[33])}\n\n{note}", $"old 100\n{Convert.ToHexString(new byte[32])}\n\n{note}",
            HandMadeLog.Request(100, [.. Enumerable.Repeat(new byte[32], 64)], note), HandMadeLog.Request(100, [.. Enumerable.Repeat(new byte[32], 2000)], note),
            HandMadeLog.Request(100, proof, log.Checkpoint(200).Text), HandMadeLog.Request(100, proof, log.Checkpoint(200).Text + "\n"), HandMadeLog.Request(100, proof, note.TrimEnd('\n')),
            HandMadeLog.Request(100, proof, note + "\n"), HandMadeLog.Request(100, proof, note + "x"), HandMadeLog.Request(100, proof, note.Replace("—", "-", StringComparison.Ordinal)),
            HandMadeLog.Request(100, proof, note.Replace("\n200\n", "\n0200\n", StringComparison.Ordinal)), HandMadeLog.Request(100, proof, note.Replace("\n200\n", "\n200\r\n", StringComparison.Ordinal)),
            HandMadeLog.Request(100, proof, note.Replace("\n200\n", "\n-200\n", StringComparison.Ordinal)), HandMadeLog.Request(100, proof, note.Replace("log.example/a\n200", "\n200", StringComparison.Ordinal)),
            HandMadeLog.Request(100, proof, Signed("log.example/a\n200\n")), HandMadeLog.Request(100, proof, Signed($"log.example/a\n200\n{hash[..^4]}\n")), HandMadeLog.Request(100, proof, Signed($"log.example/a\n200\n{hash}\n\n")),
            HandMadeLog.Request(0, [], Signed($"log.example/a\n0\n{hash}\n")), HandMadeLog.Request(100, proof, Signed($"log.example/a\ntwo hundred\n{hash}\n")),
        ];
        foreach (var body in malformed)
        {
            var (status, content, _) = await witness.SubmitAsync(body);
            Assert.True(status == 400, string.Create(CultureInfo.InvariantCulture, $"{status} {content}for {body}"));
        }

        byte[][] notText = [[0], [0xff, 0xfe], [.. Encoding.UTF8.GetBytes("old 100\n\n"), 0xc3, 0x28, .. Encoding.UTF8.GetBytes($"\n\n{note.Split("\n\n")[1]}")], new byte[100_000]];
        foreach (var body in notText) Assert.Equal(400, (await witness.SubmitAsync(body)).Status);
        await StillWorksAsync();
    }

    [Fact]
    public async Task no_single_change_to_a_good_body_is_cosigned()
    {
        var good = Encoding.UTF8.GetBytes(log.Request(100, 200));
        var changes = Gen.Choose(0, 3).SelectMany(kind => Gen.Choose(0, good.Length - 1).SelectMany(place => Gen.Choose(0, 255).Select(value => Changed(good, kind, place, (byte)value))));
        Prop.ForAll(changes.ToArbitrary(), body =>
        {
            var status = body.AsSpan().SequenceEqual(good) ? 400 : witness.SubmitAsync(body).GetAwaiter().GetResult().Status;
            return status is 400 or 403 or 404 or 409 or 422;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
        await StillWorksAsync();
    }

    [Fact]
    public async Task huge_bodies_are_refused_unread()
    {
        foreach (var request in (string[])["Content-Length: 20000000\r\n\r\n", $"Transfer-Encoding: chunked\r\n\r\n{140_000:x}\r\n{new string('x', 140_000)}\r\n"])
        {
            using var socket = await SendAsync(request);
            Assert.StartsWith("HTTP/1.1 413", await AnswerAsync(socket), StringComparison.Ordinal);
        }

        await StillWorksAsync();
    }

    [Fact]
    public async Task slow_bodies_are_cut_off_and_keep_nobody_waiting()
    {
        var slow = new List<Socket>();
        try
        {
            for (var i = 0; i < 40; i++) slow.Add(await SendAsync("Content-Length: 1000\r\n\r\nold "));
            await StillWorksAsync();
            foreach (var socket in slow) Assert.StartsWith("HTTP/1.1 408", await AnswerAsync(socket), StringComparison.Ordinal);
        }
        finally
        {
            foreach (var socket in slow) socket.Dispose();
        }
    }

    private async Task<Socket> SendAsync(string afterHost)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(witness.Address.Host, witness.Address.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n{afterHost}"));
        return socket;
    }

    private static async Task<string> AnswerAsync(Socket socket)
    {
        var answer = new byte[4096];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return Encoding.ASCII.GetString(answer, 0, await socket.ReceiveAsync(answer, patience.Token));
    }

    private async Task StillWorksAsync() => Assert.Equal(200, (await witness.SubmitAsync(log.Request(100, 200))).Status);

    private string Signed(string text) => $"{text}\n{log.Checkpoint(1).Signatures[0]}\n";

    private static byte[] Changed(byte[] body, int kind, int place, byte value) => kind switch
    {
        0 => [.. body[..place], value, .. body[(place + 1)..]],
        1 => [.. body[..place], .. body[(place + 1)..]],
        2 => [.. body[..place], value, .. body[place..]],
        _ => body[..place],
    };
}
