using CoffreFort.IntegrationTests.Blobs;
using CoffreFort.Server.Edges.Blobs;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Features.Documents;

/// <summary>What was verified is kept until its read is recorded, as far as there is room: then its blob is opened once, and else a second time.</summary>
public sealed class KeptContentTests : IAsyncLifetime
{
    /// <summary>Of this size four are kept at once.</summary>
    private const int Length = 15 << 20;

    private CoffreFortServer _server = null!;
    private FaultyBlobStore _blobs = null!;
    private HttpClient _holder = null!;
    private string _content = "";

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync(seeded: false, services =>
        {
            var real = services.Single(service => service.ServiceType == typeof(IBlobStore)).ImplementationFactory!;
            services.AddSingleton<IBlobStore>(provider => _blobs ??= new FaultyBlobStore((IBlobStore)real(provider)));
        }, "--Integrity:After", "1.00:00:00");
        var holder = await Depositor.OfAsync(_server);
        (_holder, _content) = (holder.Client, $"/api/v1/documents/{await holder.DepositAsync(Memory.RepeatableBytes.Slice(0, Length))}/versions/1/content");
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task a_blob_is_opened_once_a_second_time_where_there_is_no_room_and_once_again_after_the_readers_have_gone()
    {
        var readers = new List<HttpResponseMessage>();
        for (var reader = 0; reader < 4; reader++) Assert.Equal(1, await OpenedAsync(BeginAsync));
        for (var reader = 0; reader < 2; reader++) Assert.Equal(2, await OpenedAsync(BeginAsync));

        foreach (var reader in readers) Assert.Equal(Length, (await reader.Content.ReadAsByteArrayAsync()).Length);
        // The room of the last one is given back a moment after its last byte.
        for (var deadline = DateTime.UtcNow.AddSeconds(60); await OpenedAsync(ReadAsync) > 1;)
            Assert.True(DateTime.UtcNow < deadline, "There was no room again within 60 seconds.");
        for (var reader = 0; reader < 8; reader++) Assert.Equal(1, await OpenedAsync(ReadAsync));

        async Task BeginAsync() => readers.Add(await _holder.GetAsync(_content, HttpCompletionOption.ResponseHeadersRead));
    }

    private async Task ReadAsync() => await _holder.GetByteArrayAsync(_content);

    private async Task<int> OpenedAsync(Func<Task> read)
    {
        var before = _blobs.Opened;
        await read();
        return _blobs.Opened - before;
    }
}
