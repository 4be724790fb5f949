using CoffreFort.IntegrationTests.Faults;
using CoffreFort.IntegrationTests.Features.Documents;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Blobs.Lying;

/// <summary>A real server over a store that lies.</summary>
public abstract class LyingScene : IAsyncLifetime
{
    internal Lies Lies { get; } = new();

    internal IBlobStore Store { get; private set; } = null!;

    internal CoffreFortServer Server { get; private set; } = null!;

    internal Depositor Holder { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Store = await OpenAsync();
        Server = await CoffreFortServer.StartAsync(seeded: false, services => services.AddSingleton(_ => Store), "--Logging:LogLevel:Default", "None");
        Holder = await Depositor.OfAsync(Server);
        await Server.Services.GetRequiredService<Checkpointer>().CoverAsync(1, TimeSpan.FromSeconds(60));
    }

    public virtual async Task DisposeAsync() => await Server.DisposeAsync();

    protected abstract Task<IBlobStore> OpenAsync();
}

/// <summary>Whatever a store says, no wrong byte leaves and no acknowledged document is lost.</summary>
/// <remarks>The long form is <c>scripts/chaos blobs</c>.</remarks>
public abstract class LyingStoreContract(LyingScene scene, ITestOutputHelper output)
{
    private const int FewRounds = 2;

    public static TheoryData<Lie> Lies => [.. Enum.GetValues<Lie>()];

    [Theory]
    [MemberData(nameof(Lies))]
    [Trait("Requirement", "R-297")]
    public async Task whatever_the_store_says_no_wrong_byte_leaves_and_no_acknowledged_document_is_lost(Lie lie)
    {
        var settings = ChaosSettings.Read();
        var seed = settings.Seed ?? Random.Shared.Next(1_000_000_000);
        var run = new LyingRun(scene.Holder, scene.Store, scene.Lies);
        for (var round = 0; round < (settings.Rounds ?? FewRounds) && run.Faults.Count == 0; round++)
            await run.RoundAsync(lie, round, unchecked(seed + round));
        output.WriteLine($"{lie}, seed {seed}: {run}");
        if (settings.Rounds is not null) Console.WriteLine($"{GetType().Name} {lie}, seed {seed}: {run}");
        Assert.True(run.Faults.Count == 0, $"Seed {seed}:\n{string.Join('\n', run.Faults)}");
        Assert.True(run.Told > 0, "The lie was never told.");
    }

    [Theory]
    [InlineData(Lie.NotStored)]
    [InlineData(Lie.FlippedOnWrite)]
    [InlineData(Lie.ShortWrite)]
    public async Task a_write_that_is_not_read_back_would_be_believed(Lie lie)
    {
        var name = BlobName.New();
        scene.Lies.Begin(lie, onEveryOccasion: true, seed: 1);
        await scene.Store.Write(name, [1, 2, 3]);
        scene.Lies.End();
        if (await scene.Store.LengthAsync(name) is not null) Assert.NotEqual([1, 2, 3], await scene.Store.Read(name));
    }
}
