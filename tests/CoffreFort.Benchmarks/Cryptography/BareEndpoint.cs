using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace CoffreFort.Benchmarks.Cryptography;

/// <summary>
/// The floor: Kestrel, AES-GCM over 64 KiB, SHA-256, one flush of file and folder. No journal, no keys, no identity; nothing is read back. What is fetched is decrypted and checked chunk by chunk.
/// </summary>
internal static class BareEndpoint
{
    private const int Step = 1 << 20;
    private const int Chunk = 64 << 10;
    private const int Tag = 16;

    private static readonly byte[] key = RandomNumberGenerator.GetBytes(32);

    /// <summary>Serves until it is killed.</summary>
    public static async Task<int> RunAsync(string address, string folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address).ConfigureKestrel(options => options.Limits.MaxRequestBodySize = null);
        await using var application = builder.Build();
        application.MapPut("/{name}", (string name, HttpContext http) => StoreAsync(Path.Combine(folder, name), http));
        application.MapGet("/{name}", (string name, HttpContext http) => FetchAsync(Path.Combine(folder, name), http));
        await application.RunAsync();
        return 0;
    }

    private static async Task StoreAsync(string path, HttpContext http)
    {
        using var cipher = new AesGcm(key, Tag);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            var plaintext = System.Buffers.ArrayPool<byte>.Shared.Rent(Step);
            var ciphertext = System.Buffers.ArrayPool<byte>.Shared.Rent(Step + (Step / Chunk * Tag));
            var (chunk, at) = (0L, 0L);
            while (await http.Request.Body.ReadAtLeastAsync(plaintext.AsMemory(0, Step), Step, throwOnEndOfStream: false) is > 0 and var read)
            {
                var length = Encrypt(cipher, plaintext.AsSpan(0, read), ciphertext, ref chunk);
                hash.AppendData(ciphertext.AsSpan(0, length));
                RandomAccess.Write(file, ciphertext.AsSpan(0, length), at);
                at += length;
            }

            System.Buffers.ArrayPool<byte>.Shared.Return(plaintext);
            System.Buffers.ArrayPool<byte>.Shared.Return(ciphertext);
            RandomAccess.FlushToDisk(file);
        }

        FlushFolder(Path.GetDirectoryName(path)!);
        http.Response.StatusCode = StatusCodes.Status201Created;
        await http.Response.WriteAsync(Convert.ToHexString(hash.GetHashAndReset()));
    }

    private static int Encrypt(AesGcm cipher, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, ref long chunk)
    {
        var written = 0;
        for (; !plaintext.IsEmpty; chunk++)
        {
            var length = Math.Min(Chunk, plaintext.Length);
            cipher.Encrypt(Nonce(chunk), plaintext[..length], ciphertext.Slice(written, length), ciphertext.Slice(written + length, Tag));
            plaintext = plaintext[length..];
            written += length + Tag;
        }

        return written;
    }

    private static async Task FetchAsync(string path, HttpContext http)
    {
        using var cipher = new AesGcm(key, Tag);
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        http.Response.ContentLength = length - ((length + Chunk + Tag - 1) / (Chunk + Tag) * Tag);
        var ciphertext = System.Buffers.ArrayPool<byte>.Shared.Rent(Chunk + Tag);
        var plaintext = System.Buffers.ArrayPool<byte>.Shared.Rent(Chunk);
        var at = 0L;
        for (var chunk = 0L; at < length; chunk++)
        {
            var read = RandomAccess.Read(file, ciphertext.AsSpan(0, Chunk + Tag), at);
            cipher.Decrypt(Nonce(chunk), ciphertext.AsSpan(0, read - Tag), ciphertext.AsSpan(read - Tag, Tag), plaintext.AsSpan(0, read - Tag));
            await http.Response.Body.WriteAsync(plaintext.AsMemory(0, read - Tag));
            at += read;
        }

        System.Buffers.ArrayPool<byte>.Shared.Return(ciphertext);
        System.Buffers.ArrayPool<byte>.Shared.Return(plaintext);
    }

    private static byte[] Nonce(long chunk)
    {
        var nonce = new byte[12];
        BitConverter.TryWriteBytes(nonce, chunk);
        return nonce;
    }

    private static void FlushFolder(string folder)
    {
        using var opened = new SafeFileHandle(Posix.Open(folder, 0), ownsHandle: true);
        if (Posix.Flush(opened) != 0) throw new IOException("The folder can't be flushed.");
    }

    private static class Posix
    {
        [DllImport("libc", EntryPoint = "open", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

        [DllImport("libc", EntryPoint = "fsync")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Flush(SafeFileHandle descriptor);
    }
}
