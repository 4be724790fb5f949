using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>Somebody else's webhook endpoint, with the manners that a test gives it.</summary>
public sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentDictionary<string, int> _open = new();

    private Receiver(WebApplication application) => _application = application;

    public Uri Address => new(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/hook");

    /// <summary>Every call, in the order in which they came.</summary>
    public ConcurrentQueue<(string Id, string Timestamp, string Signature, string Body)> Calls { get; } = new();

    /// <summary>Whether one message was ever being received twice at the same moment.</summary>
    public bool Overlapped { get; private set; }

    /// <summary>Answers a call, given how many came before it.</summary>
    public Func<int, HttpContext, Task> Manners { get; set; } = (_, _) => Task.CompletedTask;

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver._application.MapPost("/hook", receiver.ReceiveAsync);
        await receiver._application.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var id = http.Request.Headers["webhook-id"].ToString();
        var before = Calls.Count;
        Calls.Enqueue((id, http.Request.Headers["webhook-timestamp"].ToString(), http.Request.Headers["webhook-signature"].ToString(), await reader.ReadToEndAsync()));
        if (_open.AddOrUpdate(id, 1, (_, open) => open + 1) > 1) Overlapped = true;
        try
        {
            await Manners(before, http);
        }
        finally
        {
            _open.AddOrUpdate(id, 0, (_, open) => open - 1);
        }
    }
}
