using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CoffreFort.IntegrationTests.Web;

/// <summary>A title stands in the address of a raw deposit: no log may have it, whatever an operator turned on to find a fault.</summary>
public sealed class LogSecrecyTests
{
    private const string Canary = "Jugement-de-divorce-4711";

    [Theory]
    [Trait("Requirement", "R-233")]
    [InlineData("--Logging:LogLevel:Microsoft.AspNetCore", "Information")]
    [InlineData("--Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "Trace")]
    [InlineData("--Logging:Kept:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "Trace")]
    public async Task no_sink_gets_the_query_string(string setting, string level)
    {
        using var kept = new KeptLines();
        await using var server = await CoffreFortServer.StartAsync(seeded: false, services => services.AddSingleton<ILoggerProvider>(kept), setting, level, "--Logging:LogLevel:Microsoft.AspNetCore.Routing", "Debug");
        var holder = await server.AsAsync("holder");
        var vault = await (await holder.PostAsync("/api/v1/vaults", null)).Content.ReadFromJsonAsync<JsonObject>();

        var answer = await holder.PostAsync($"/api/v1/vaults/{vault!["id"]}/documents?evidenceType=tax-notice&title={Canary}", new ByteArrayContent([1, 2, 3]));

        Assert.True(answer.IsSuccessStatusCode);
        Assert.Contains(kept.Lines, line => line.Contains("/documents", StringComparison.Ordinal));
        Assert.DoesNotContain(kept.Lines, line => line.Contains(Canary, StringComparison.OrdinalIgnoreCase));
    }

    [ProviderAlias("Kept")]
    private sealed class KeptLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Lines.Enqueue(state is IEnumerable<KeyValuePair<string, object>> values ? string.Join(' ', values) : $"{state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
