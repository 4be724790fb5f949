using CoffreFort.Server.Edges.Blobs;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Blobs.Lying;

public sealed class LyingAzureStoreTests(LyingAzureStoreTests.Scene scene, ITestOutputHelper output)
    : LyingStoreContract(scene, output), IClassFixture<LyingAzureStoreTests.Scene>
{
    public sealed class Scene : LyingScene
    {
        private LyingProxy proxy = null!;

        public override async Task DisposeAsync()
        {
            await base.DisposeAsync();
            await proxy.DisposeAsync();
        }

        protected override async Task<IBlobStore> OpenAsync()
        {
            var container = Azurite.NewContainer();
            proxy = await LyingProxy.StartAsync(Lies, container);
            var store = new AzureBlobStore((await Azurite.Shared).Connect(container, proxy.Address));
            await store.OpenAsync();
            return store;
        }
    }
}
