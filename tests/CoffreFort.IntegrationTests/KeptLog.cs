using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CoffreFort.IntegrationTests;

/// <summary>A sink that keeps what a server logs: register it as its <see cref="ILoggerProvider"/>.</summary>
internal sealed class KeptLog : ILoggerProvider
{
    /// <summary>Level, message and exception of each line.</summary>
    public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Sink(Lines);

    public void Dispose()
    {
    }

    private sealed class Sink(ConcurrentQueue<(LogLevel Level, string Text)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((logLevel, $"{formatter(state, exception)} {exception}"));
    }
}
