using CoffreFort.Server.Edges.Blobs;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Blobs.Lying;

public sealed class LyingFileStoreTests(LyingFileStoreTests.Scene scene, ITestOutputHelper output)
    : LyingStoreContract(scene, output), IClassFixture<LyingFileStoreTests.Scene>
{
    public sealed class Scene : LyingScene, IDisposable
    {
        private readonly TemporaryFolder folder = new();

        public void Dispose() => folder.Dispose();

        protected override Task<IBlobStore> OpenAsync() => Task.FromResult<IBlobStore>(new LyingBlobStore(new FileBlobStore(folder.Path), Lies));
    }
}
