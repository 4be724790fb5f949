using CoffreFort.Cryptography;

namespace CoffreFort.Specs.Cryptography;

/// <summary>Counts the allocations of the whole process, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(SealingMemorySpecs), DisableParallelization = true)]
public sealed class AloneInTheProcess;

[Collection(nameof(SealingMemorySpecs))]
public sealed class SealingMemorySpecs
{
    private const long Length = 256L * 1024 * 1024;

    [Fact]
    [Trait("Requirement", "R-217")]
    public async Task memory_stays_flat_while_256_MiB_are_sealed_verified_and_opened()
    {
        using var key = SecretKey.Generate();
        using var secret = SecretKey.Generate();
        var identity = new DocumentIdentity(Guid.NewGuid(), Guid.NewGuid(), 1);
        var path = Path.GetTempFileName();
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            await AllocatesUnder(12_000_000, async () =>
                await DocumentSealing.SealAsync(new GeneratedStream(Length), file, key, secret, identity, Length));

            file.Position = 0;
            await AllocatesUnder(12_000_000, () => DocumentVerification.VerifyAsync(file, file.Length, key, identity));

            file.Position = 0;
            var header = new byte[ContainerLayout.HeaderLength];
            await file.ReadExactlyAsync(header);
            using var opener = new ContainerOpener(key, identity.ContainerContext(), header, file.Length);
            await AllocatesUnder(12_000_000, () => opener.OpenRangeAsync(file, 0, Length, Stream.Null, CancellationToken.None));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task AllocatesUnder(long limit, Func<Task> work)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await work();
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.True(allocated < limit, $"{allocated:N0} bytes were allocated.");
    }
}
