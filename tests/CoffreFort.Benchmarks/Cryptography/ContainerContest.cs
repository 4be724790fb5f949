using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using CoffreFort.Benchmarks.Journal;
using CoffreFort.Cryptography;

namespace CoffreFort.Benchmarks.Cryptography;

/// <summary>
/// One thread, in memory, chunks of 16 KiB: the cipher alone, the container around it; then the whole of sealing and verifying a document, which also hashes twice and uses a second core.
/// </summary>
internal sealed class ContainerContest : IDisposable
{
    private const int Length = 64 << 20;
    private const int Chunk = ContainerLayout.ChunkLength;
    private const int Goal = 80;

    private readonly byte[] plaintext = RandomNumberGenerator.GetBytes(Length);
    private readonly byte[] opened = new byte[Length];
    private readonly byte[] container = new byte[ContainerLayout.SealedLength(Length)];
    private readonly byte[] bare = new byte[Length / Chunk * ContainerLayout.SealedChunkLength];
    private readonly SecretKey key = SecretKey.Generate();
    private readonly SecretKey secret = SecretKey.Generate();
    private readonly DocumentIdentity identity = new(Guid.NewGuid(), Guid.NewGuid(), 1);
    private readonly AesGcm cipher = new(RandomNumberGenerator.GetBytes(32), ContainerLayout.TagLength);

    public static async Task RunAsync(Contest contest)
    {
        using var part = new ContainerContest();
        var scores = await contest.RunOnceAsync(
            () => Task.Run(part.EncryptBare), () => Task.Run(part.Seal), () => Task.Run(part.DecryptBare), () => Task.Run(part.Open), part.SealDocumentAsync, part.VerifyDocumentAsync);
        Bench.Head($"The container, MB/s, 64 MiB, medians of {contest.Rounds} rounds", "what", "bare AesGcm, 16 KiB", "container", "share", "goal", "document, hashes included");
        Bench.Row("seal", Megabytes(scores[0]), Megabytes(scores[1]), scores[1].Per(scores[0]), $"{Goal} %", Megabytes(scores[4]));
        Bench.Row("open", Megabytes(scores[2]), Megabytes(scores[3]), scores[3].Per(scores[2]), $"{Goal} %", Megabytes(scores[5]));
        var openssl = await OpenSslAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n`openssl speed -evp aes-256-gcm`, 16 KiB, another process: {openssl:N0} MB/s."));
    }

    public void Dispose()
    {
        cipher.Dispose();
        key.Dispose();
        secret.Dispose();
    }

    private static double Megabytes(Score score) => score.Rate / 1e6;

    private long EncryptBare()
    {
        Span<byte> nonce = stackalloc byte[12];
        for (var chunk = 0; chunk < Length / Chunk; chunk++)
        {
            BitConverter.TryWriteBytes(nonce, chunk);
            var sealedChunk = bare.AsSpan(chunk * ContainerLayout.SealedChunkLength, ContainerLayout.SealedChunkLength);
            cipher.Encrypt(nonce, plaintext.AsSpan(chunk * Chunk, Chunk), sealedChunk[..Chunk], sealedChunk[Chunk..]);
        }

        return Length;
    }

    private long DecryptBare()
    {
        Span<byte> nonce = stackalloc byte[12];
        for (var chunk = 0; chunk < Length / Chunk; chunk++)
        {
            BitConverter.TryWriteBytes(nonce, chunk);
            var sealedChunk = bare.AsSpan(chunk * ContainerLayout.SealedChunkLength, ContainerLayout.SealedChunkLength);
            cipher.Decrypt(nonce, sealedChunk[..Chunk], sealedChunk[Chunk..], opened.AsSpan(chunk * Chunk, Chunk));
        }

        return Length;
    }

    private long Seal()
    {
        using var sealer = new ContainerSealer(key, identity.ContainerContext());
        sealer.WriteHeader(container);
        var at = ContainerLayout.HeaderLength;
        for (var from = 0; from < Length; from += Chunk) at += sealer.SealChunk(plaintext.AsSpan(from, Chunk), container.AsSpan(at));
        at += sealer.SealFinalChunk([], container.AsSpan(at));
        return at == container.Length ? Length : throw new InvalidOperationException("The container has another length.");
    }

    private long Open()
    {
        using var opener = new ContainerOpener(key, identity.ContainerContext(), container.AsSpan(0, ContainerLayout.HeaderLength), container.Length);
        for (var index = 0L; index < opener.ChunkCount; index++)
        {
            var from = ContainerLayout.HeaderLength + checked((int)index) * ContainerLayout.SealedChunkLength;
            var length = Math.Min(ContainerLayout.SealedChunkLength, container.Length - from);
            opener.OpenChunk(index, container.AsSpan(from, length), opened.AsSpan(Math.Min(Length, checked((int)index) * Chunk)));
        }

        return Length;
    }

    private async Task<long> SealDocumentAsync()
    {
        await DocumentSealing.SealAsync(new MemoryStream(plaintext), Stream.Null, key, secret, identity, Length);
        return Length;
    }

    private async Task<long> VerifyDocumentAsync()
    {
        await DocumentVerification.VerifyAsync(new MemoryStream(container), container.Length, key, identity);
        return Length;
    }

    /// <summary>The last column of the last line: thousands of bytes a second, with a k behind.</summary>
    private static async Task<double> OpenSslAsync()
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", ["speed", "-elapsed", "-seconds", "2", "-bytes", "16384", "-evp", "aes-256-gcm"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var noise = process.StandardError.ReadToEndAsync();
        var last = (await process.StandardOutput.ReadToEndAsync()).TrimEnd().Split('\n')[^1];
        await noise;
        return double.Parse(last.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1].TrimEnd('k'), CultureInfo.InvariantCulture) / 1e3;
    }
}
