using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using CoffreFort.Cryptography;
using Xunit.Abstractions;

namespace CoffreFort.Specs.Cryptography;

/// <summary>The C2SP chunked-encryption vectors (Wycheproof), each through every interface that can take it.</summary>
public sealed class ContainerVectorSpecs(ITestOutputHelper output)
{
    private const string Path = "wycheproof/c2sp_chunked_encryption_aes_256_gcm_test.json";

    private sealed record Vector(int Id, SecretKey Key, byte[] Context, byte[] Ciphertext, int MessageLength, string? MessageSha512, bool Valid, bool HeaderFails, bool FinalChunkOpens);

    [Fact]
    [Trait("Requirement", "R-212")]
    public async Task the_streaming_opener_gives_the_message_or_refuses_after_a_genuine_prefix() => await RunAll(async vector =>
    {
        using var released = new MemoryStream();
        if (Open(vector) is not { } opener)
            return;
        using (opener)
        {
            var sealedChunks = new MemoryStream(vector.Ciphertext[ContainerLayout.HeaderLength..]);
            var opening = opener.OpenRangeAsync(sealedChunks, 0, opener.PlaintextLength, released, CancellationToken.None);
            if (vector.Valid)
                await opening;
            else
                await Assert.ThrowsAsync<CryptographicFailure>(() => opening);
        }
        Assert.True(released.Length <= vector.MessageLength);
        if (vector.Valid)
            Assert.Equal(vector.MessageSha512, Sha512(released.ToArray()));
    });

    [Fact]
    public async Task chunks_opened_in_reverse_order_give_the_message_or_one_of_them_refuses() => await RunAll(vector =>
    {
        if (Open(vector) is not { } opener)
            return Task.CompletedTask;
        using (opener)
        {
            var message = new byte[opener.PlaintextLength];
            var refused = new List<long>();
            for (var index = opener.ChunkCount - 1; index >= 0; index--)
            {
                if (!TryOpenChunk(opener, vector, index, message))
                    refused.Add(index);
            }
            Assert.Equal(vector.Valid, refused.Count == 0);
            Assert.Equal(vector.FinalChunkOpens || vector.Valid, !refused.Contains(opener.ChunkCount - 1));
            if (vector.MessageSha512 is not null && refused.Count > 0)
                Assert.Equal(vector.MessageLength, refused.Min() * ContainerLayout.ChunkLength);
            if (vector.MessageSha512 is not null)
                Assert.Equal(vector.MessageSha512, Sha512(message[..vector.MessageLength]));
        }
        return Task.CompletedTask;
    });

    [Fact]
    [Trait("Requirement", "R-212")]
    public async Task the_sealer_gives_the_very_ciphertext_of_every_valid_vector() => await RunAll(vector =>
    {
        if (!vector.Valid)
            return Task.CompletedTask;
        using var opener = Open(vector)!;
        var message = new byte[opener.PlaintextLength];
        for (long index = 0; index < opener.ChunkCount; index++)
            Assert.True(TryOpenChunk(opener, vector, index, message));

        using var sealer = new ContainerSealer(vector.Key, vector.Context, vector.Ciphertext.AsSpan(0, ContainerLayout.SaltLength));
        var container = new byte[ContainerLayout.SealedLength(message.Length)];
        sealer.WriteHeader(container);
        var written = ContainerLayout.HeaderLength;
        var rest = message.AsSpan();
        for (; rest.Length >= ContainerLayout.ChunkLength; rest = rest[ContainerLayout.ChunkLength..])
            written += sealer.SealChunk(rest[..ContainerLayout.ChunkLength], container.AsSpan(written));
        written += sealer.SealFinalChunk(rest, container.AsSpan(written));
        Assert.Equal(container.Length, written);
        Assert.True(container.AsSpan().SequenceEqual(vector.Ciphertext));
        return Task.CompletedTask;
    });

    private async Task RunAll(Func<Vector, Task> check)
    {
        if (!PublicVectors.Available(output))
            return;
        using var file = PublicVectors.Read(Path);
        var run = 0;
        foreach (var (_, test) in PublicVectors.Tests(file))
        {
            var vector = Parse(test);
            using (vector.Key)
            {
                try
                {
                    await check(vector);
                }
                catch (Exception failure)
                {
                    throw new InvalidOperationException($"Vector {vector.Id} ({test.GetProperty("comment")}): {failure.Message}", failure);
                }
            }
            run++;
        }
        PublicVectors.AssertAllRun(output, Path, run, file.RootElement.GetProperty("numberOfTests").GetInt32());
    }

    /// <summary>Null when opener and vector agree that the container fails before its first chunk.</summary>
    private static ContainerOpener? Open(Vector vector)
    {
        ContainerOpener opener;
        try
        {
            var header = vector.Ciphertext.AsSpan(0, Math.Min(ContainerLayout.HeaderLength, vector.Ciphertext.Length));
            opener = new ContainerOpener(vector.Key, vector.Context, header, vector.Ciphertext.Length);
        }
        catch (CryptographicFailure)
        {
            // An impossible length is refused at once as well, before any chunk of a genuine prefix.
            Assert.False(vector.Valid);
            return null;
        }
        if (vector.HeaderFails)
            Assert.Fail("The header was accepted.");
        return opener;
    }

    private static bool TryOpenChunk(ContainerOpener opener, Vector vector, long index, byte[] message)
    {
        var from = (int)(index * ContainerLayout.ChunkLength);
        var length = (int)Math.Min(ContainerLayout.ChunkLength, opener.PlaintextLength - from);
        var sealedChunk = vector.Ciphertext.AsSpan(ContainerLayout.HeaderLength + (int)index * ContainerLayout.SealedChunkLength, length + ContainerLayout.TagLength);
        try
        {
            return opener.OpenChunk(index, sealedChunk, message.AsSpan(from)) == length;
        }
        catch (CryptographicFailure)
        {
            Assert.Equal(-1, message.AsSpan(from, length).IndexOfAnyExcept((byte)0));
            return false;
        }
    }

    private static Vector Parse(JsonElement test)
    {
        using var inflate = new ZLibStream(new MemoryStream(Hex(test, "ct")), CompressionMode.Decompress);
        using var ciphertext = new MemoryStream();
        inflate.CopyTo(ciphertext);
        var flags = test.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()).ToHashSet();
        return new Vector(
            test.GetProperty("tcId").GetInt32(),
            SecretKey.CopyOf(Hex(test, "key")),
            Hex(test, "ctx"),
            ciphertext.ToArray(),
            test.TryGetProperty("msgLength", out var length) ? length.GetInt32() : 0,
            test.TryGetProperty("msgSha512", out var hash) ? hash.GetString() : null,
            test.GetProperty("result").GetString() == "valid",
            flags.Contains("HeaderFailure"),
            flags.Contains("ValidFinalChunk"));
    }

    private static byte[] Hex(JsonElement test, string name) => Convert.FromHexString(test.GetProperty(name).GetString()!);

    private static string Sha512(byte[] bytes) => Convert.ToHexStringLower(SHA512.HashData(bytes));
}
