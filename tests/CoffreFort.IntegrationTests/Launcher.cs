using System.Collections.Concurrent;
using System.Diagnostics;

namespace CoffreFort.IntegrationTests;

/// <summary>Starts children under <c>setpriv --pdeathsig</c>. That signal comes when the thread ends that started the child: this one ends with the test process.</summary>
internal static class Launcher
{
    private static readonly BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> waiting = [];

    static Launcher() => new Thread(Run) { IsBackground = true, Name = "launcher" }.Start();

    public static Task<Process> StartAsync(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.Add((start, started));
        return started.Task;
    }

    private static void Run()
    {
        foreach (var (start, started) in waiting.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception failure)
            {
                started.SetException(failure);
            }
        }
    }
}
