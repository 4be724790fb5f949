using CoffreFort.Cryptography;
using FsCheck;
using FsCheck.Fluent;

namespace CoffreFort.Specs.Cryptography;

public sealed class ContainerSpecs
{
    private const int Chunk = ContainerLayout.ChunkLength;
    private const int Batch = BatchPipeline.ChunksPerBatch * Chunk;

    // Everything interesting happens beside a boundary: of a chunk, of a batch, of two batches.
    private static readonly Gen<int> s_lengths = Gen.OneOf(
        Gen.Elements(0, 1, Chunk - 1, Chunk, Chunk + 1, 2 * Chunk, 5 * Chunk - 1, Batch - 1, Batch, Batch + 1, 2 * Batch, 3 * Batch + 7),
        Gen.Choose(0, 4 * Chunk),
        Gen.Choose(Batch - Chunk, Batch + Chunk));

    [Fact]
    public void what_is_sealed_opens_whole_at_every_length() => Prop.ForAll(s_lengths.ToArbitrary(), length =>
    {
        var sample = SampleContainer.OfLength(length);
        return sample.OpenRangeAsync(0, length).GetAwaiter().GetResult().AsSpan().SequenceEqual(sample.Plaintext)
            && ContainerLayout.PlaintextLength(sample.Sealed.Length) == length;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void any_range_equals_the_slice_of_the_plaintext() => Prop.ForAll(
        (from length in s_lengths
         from offset in Gen.Choose(0, length)
         from count in Gen.Choose(0, length - offset)
         select (length, offset, count)).ToArbitrary(),
        range =>
        {
            var sample = SampleContainer.OfLength(range.length);
            var opened = sample.OpenRangeAsync(range.offset, range.count).GetAwaiter().GetResult();
            return opened.AsSpan().SequenceEqual(sample.Plaintext.AsSpan(range.offset, range.count));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void a_range_fetches_only_its_chunks_and_proves_the_end_when_it_reaches_it()
    {
        using var opener = SampleContainer.OfLength(3 * Chunk).Opener();
        Assert.Equal((56 + 16400, 16400), opener.SealedRange(Chunk, 1));
        Assert.Equal((56 + 16400, 2 * 16400), opener.SealedRange(2 * Chunk - 1, 2));
        Assert.Equal((56 + 2 * 16400, 16400 + 16), opener.SealedRange(3 * Chunk - 1, 1));
        Assert.Equal((56 + 3 * 16400, 16), opener.SealedRange(3 * Chunk, 0));
        Assert.Equal(0, opener.SealedRange(5, 0).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => opener.SealedRange(1, 3 * Chunk));
        Assert.Throws<ArgumentOutOfRangeException>(() => opener.SealedRange(1, long.MaxValue));
    }

    [Fact]
    [Trait("Requirement", "R-214")]
    public async Task every_flipped_bit_is_refused_and_nothing_of_its_chunk_released()
    {
        foreach (var length in new[] { 0, 40 })
        {
            var sample = SampleContainer.OfLength(length);
            for (var bit = 0; bit < sample.Sealed.Length * 8; bit++)
                Assert.Equal(0, (await sample.ReleasedBeforeRefusalAsync(Flipped(sample.Sealed, bit)))?.Length);
        }
    }

    [Fact]
    public void a_flipped_bit_in_any_chunk_releases_at_most_the_chunks_before_it() => Prop.ForAll(
        (from length in s_lengths
         from bit in Gen.Choose(0, (int)ContainerLayout.SealedLength(length) * 8 - 1)
         select (length, bit)).ToArbitrary(),
        flip =>
        {
            var sample = SampleContainer.OfLength(flip.length);
            var released = sample.ReleasedBeforeRefusalAsync(Flipped(sample.Sealed, flip.bit)).GetAwaiter().GetResult();
            var damagedChunk = Math.Max(0, flip.bit / 8 - ContainerLayout.HeaderLength) / ContainerLayout.SealedChunkLength;
            return released is not null && released.Length <= damagedChunk * Chunk && sample.Plaintext.AsSpan().StartsWith(released);
        }).QuickCheckThrowOnFailure();

    [Fact]
    [Trait("Requirement", "R-214")]
    public async Task swapped_chunks_are_refused()
    {
        var sample = SampleContainer.OfLength(3 * Chunk + 5);
        var swapped = sample.Sealed.ToArray();
        sample.Sealed.AsSpan(56, 16400).CopyTo(swapped.AsSpan(56 + 16400));
        sample.Sealed.AsSpan(56 + 16400, 16400).CopyTo(swapped.AsSpan(56));
        Assert.Equal(0, (await sample.ReleasedBeforeRefusalAsync(swapped))?.Length);
    }

    [Fact]
    [Trait("Requirement", "R-214")]
    public async Task a_container_cut_anywhere_near_a_boundary_is_refused()
    {
        var sample = SampleContainer.OfLength(3 * Chunk + 5);
        for (var boundary = 56; boundary <= sample.Sealed.Length; boundary += 16400)
        {
            foreach (var length in new[] { boundary - 1, boundary, boundary + 1, boundary + 16, boundary + 17 })
                Assert.NotNull(await sample.ReleasedBeforeRefusalAsync(sample.Sealed[..length]));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(16400)]
    [Trait("Requirement", "R-214")]
    public async Task appended_bytes_are_refused(int count)
    {
        foreach (var length in new[] { 0, 5, Chunk, 2 * Chunk - 1 })
        {
            var sample = SampleContainer.OfLength(length);
            Assert.NotNull(await sample.ReleasedBeforeRefusalAsync([.. sample.Sealed, .. new byte[count]]));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task a_stream_that_disagrees_with_the_stated_length_releases_nothing_of_its_last_batch(int difference)
    {
        var sample = SampleContainer.OfLength(Batch + 10);
        using var opener = sample.Opener();
        byte[] lying = [.. sample.Sealed.AsSpan(56), 0];
        using var chunks = new MemoryStream(lying[..(lying.Length - 1 + difference)]);
        using var destination = new MemoryStream();
        await Assert.ThrowsAsync<CryptographicFailure>(() => opener.OpenRangeAsync(chunks, 0, opener.PlaintextLength, destination, CancellationToken.None));
        Assert.True(destination.Length <= Batch);
    }

    [Fact]
    public void another_key_context_or_header_opens_nothing()
    {
        var sample = SampleContainer.OfLength(10);
        using var otherKey = SecretKey.Generate();
        using var shortKey = SecretKey.CopyOf(new byte[16]);
        Assert.Throws<CryptographicFailure>(() => (sample with { Key = otherKey }).Opener());
        Assert.Throws<CryptographicFailure>(() => (sample with { Key = shortKey }).Opener());
        var identity = sample.Identity;
        foreach (var other in new[] { identity with { Vault = identity.Document }, identity with { Document = identity.Vault }, identity with { Version = 4 } })
            Assert.Throws<CryptographicFailure>(() => (sample with { Identity = other }).Opener());
        Assert.Throws<CryptographicFailure>(() => new ContainerOpener(sample.Key, identity.ContainerContext(), sample.Sealed.AsSpan(0, 55), sample.Sealed.Length));
    }

    [Fact]
    public void lengths_map_one_to_one_and_impossible_ones_are_refused()
    {
        foreach (var (plaintext, sealedLength) in new (long, long)[] { (0, 72), (16383, 16455), (16384, 16472), (16385, 16473), (ContainerLayout.MaximumPlaintextLength, 56 + (1L << 38) * 16400 - 1) })
        {
            Assert.Equal(sealedLength, ContainerLayout.SealedLength(plaintext));
            Assert.Equal(plaintext, ContainerLayout.PlaintextLength(sealedLength));
        }
        foreach (var impossible in new[] { long.MinValue, -1, 0, 55, 56, 71, 16456, 16471, 56 + (1L << 38) * 16400, 56 + (1L << 38) * 16400 + 16, long.MaxValue })
            Assert.Throws<CryptographicFailure>(() => ContainerLayout.PlaintextLength(impossible));
        Assert.Throws<ArgumentOutOfRangeException>(() => ContainerLayout.SealedLength(ContainerLayout.MaximumPlaintextLength + 1));
    }

    [Fact]
    public void a_sealer_seals_one_ciphertext_and_no_chunk_of_the_wrong_length()
    {
        using var key = SecretKey.Generate();
        using var sealer = new ContainerSealer(key, default);
        var room = new byte[ContainerLayout.SealedChunkLength];
        Assert.Throws<ArgumentException>(() => sealer.SealChunk(new byte[Chunk - 1], room));
        Assert.Throws<ArgumentException>(() => sealer.SealFinalChunk(new byte[Chunk], room));
        Assert.Throws<ArgumentException>(() => sealer.SealFinalChunk(new byte[5], new byte[20]));
        sealer.SealFinalChunk([], room);
        Assert.Throws<InvalidOperationException>(() => sealer.SealFinalChunk([], room));
        Assert.Throws<InvalidOperationException>(() => sealer.SealChunk(new byte[Chunk], room));
    }

    [Fact]
    public void the_same_plaintext_never_gives_the_same_container() =>
        Assert.NotEqual(SampleContainer.OfLength(5).Sealed[..24], SampleContainer.OfLength(5).Sealed[..24]);

    private static byte[] Flipped(byte[] bytes, int bit)
    {
        var flipped = bytes.ToArray();
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }
}
