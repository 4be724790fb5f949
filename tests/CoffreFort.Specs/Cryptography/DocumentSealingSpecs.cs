using System.Security.Cryptography;
using CoffreFort.Cryptography;

namespace CoffreFort.Specs.Cryptography;

public sealed class DocumentSealingSpecs : IDisposable
{
    private readonly SecretKey _key = SecretKey.Generate();
    private readonly SecretKey _secret = SecretKey.Generate();
    private readonly DocumentIdentity _identity = new(Guid.NewGuid(), Guid.NewGuid(), 1);

    public void Dispose()
    {
        _key.Dispose();
        _secret.Dispose();
    }

    [Theory]
    [InlineData(0, int.MaxValue)]
    [InlineData(16383, 1)]
    [InlineData(16384, 1000)]
    [InlineData(16385, int.MaxValue)]
    [InlineData(63 * 16384, 5000)]
    [InlineData(5_000_000, 65_537)]
    [InlineData(5_000_000, int.MaxValue)]
    public async Task a_sealed_document_says_what_it_is_and_opens_to_the_same_bytes(int length, int step)
    {
        var plaintext = await ReadAllAsync(new GeneratedStream(length, step));
        using var ciphertext = new MemoryStream();
        var result = await DocumentSealing.SealAsync(new GeneratedStream(length, step), ciphertext, _key, _secret, _identity, length);
        var container = ciphertext.ToArray();

        Assert.Equal(length, result.Length);
        Assert.Equal(container.Length, result.SealedLength);
        Assert.Equal(SHA256.HashData(container), result.CiphertextSha256);
        Assert.True(DocumentCommitment.Matches(_secret, _identity, SHA256.HashData(plaintext), result.Commitment));
        Assert.Equal(plaintext[..Math.Min(512, length)], result.Head);
        var opened = await new SampleContainer(plaintext, container, _key, _identity).OpenRangeAsync(0, length);
        Assert.True(plaintext.AsSpan().SequenceEqual(opened));
        await DocumentVerification.VerifyAsync(new MemoryStream(container), container.Length, _key, _identity, result.CiphertextSha256);
    }

    [Fact]
    public void the_commitment_is_the_published_formula()
    {
        var hash = SHA256.HashData("formulaire"u8);
        byte[] message = [.. "coffrefort/commit/v1\0"u8, .. _identity.Document.ToByteArray(bigEndian: true), 0, 0, 0, 1, .. hash];
        Assert.Equal(HMACSHA256.HashData(_secret.Bytes, message), DocumentCommitment.Compute(_secret, _identity, hash));
    }

    [Fact]
    public async Task one_byte_over_the_limit_is_too_large_at_once_and_the_limit_itself_is_not()
    {
        var source = new GeneratedStream(long.MaxValue, step: 1000);
        var refusal = await Assert.ThrowsAsync<DocumentTooLarge>(() => SealAsync(source, Stream.Null, 100_000));
        Assert.Equal(100_000, refusal.Limit);
        Assert.Equal(100_001, source.Position);
        Assert.Equal(100_000, (await SealAsync(new GeneratedStream(100_000), Stream.Null, 100_000)).Length);
        Assert.Equal(0, (await SealAsync(new GeneratedStream(0), Stream.Null, 0)).Length);
        await Assert.ThrowsAsync<DocumentTooLarge>(() => SealAsync(new GeneratedStream(1), Stream.Null, 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20_000)]
    [InlineData(10_000_000)]
    public async Task a_failure_of_the_source_comes_through_untouched(int after)
    {
        var failure = new InvalidOperationException("The client went away.");
        var source = new GeneratedStream(after, atEnd: _ => throw failure);
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidOperationException>(() => SealAsync(source, Stream.Null, long.MaxValue >> 12)));
    }

    [Fact]
    public async Task a_full_disk_is_reported_even_while_the_source_waits_for_more()
    {
        var source = new GeneratedStream(3_000_000, atEnd: cancelled => Task.Delay(Timeout.Infinite, cancelled));
        using var disk = new FullDiskStream(500_000);
        var sealing = SealAsync(source, disk, 10_000_000);
        var failure = await Assert.ThrowsAsync<IOException>(() => sealing.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("No space left", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task cancelling_ends_the_sealing_with_the_callers_own_token()
    {
        using var cancellation = new CancellationTokenSource();
        var source = new GeneratedStream(3_000_000, atEnd: async cancelled =>
        {
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancelled);
        });
        var sealing = DocumentSealing.SealAsync(source, Stream.Null, _key, _secret, _identity, 10_000_000, cancellation.Token);
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sealing.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(cancellation.Token, cancelled.CancellationToken);
    }

    [Fact]
    public async Task verification_refuses_another_hash_a_damaged_chunk_a_short_and_a_long_stream()
    {
        var sample = SampleContainer.OfLength(3_000_000);
        var hash = SHA256.HashData(sample.Sealed);
        await Verify(sample.Sealed, hash);
        await DocumentVerification.VerifyAsync(new MemoryStream(sample.Sealed), sample.Sealed.Length, sample.Key, sample.Identity);

        await Assert.ThrowsAsync<CryptographicFailure>(() => Verify(sample.Sealed, SHA256.HashData(hash)));
        await Assert.ThrowsAsync<CryptographicFailure>(() => Verify(sample.Sealed[..^1], hash));
        await Assert.ThrowsAsync<CryptographicFailure>(() => Verify(sample.Sealed[..20], hash));
        await Assert.ThrowsAsync<CryptographicFailure>(() => Verify([.. sample.Sealed, 0], hash));
        var damaged = sample.Sealed.ToArray();
        damaged[2_500_000] ^= 1;
        await Assert.ThrowsAsync<CryptographicFailure>(() => Verify(damaged, SHA256.HashData(damaged)));

        Task Verify(byte[] container, byte[] expected) =>
            DocumentVerification.VerifyAsync(new MemoryStream(container), sample.Sealed.Length, sample.Key, sample.Identity, expected);
    }

    private Task<SealedDocument> SealAsync(Stream source, Stream destination, long limit) =>
        DocumentSealing.SealAsync(source, destination, _key, _secret, _identity, limit);

    private static async Task<byte[]> ReadAllAsync(GeneratedStream stream)
    {
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }
}
