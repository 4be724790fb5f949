using System.Collections.Concurrent;
using System.Diagnostics;
using CoffreFort.EventStore;

namespace CoffreFort.Specs.Journal;

public sealed class PumpSpecs
{
    /// <summary>
    /// One caller is the hard case, for nobody else's call wakes the pump for it. It spins instead of awaiting, and comes back a little earlier
    /// or later each time: so its calls fall on each step of a pump that is just giving up.
    /// </summary>
    [Fact]
    public void a_call_that_comes_while_the_pump_gives_up_is_served()
    {
        var waiting = new ConcurrentQueue<int>();
        var served = 0;
        var pump = new Pump(() => !waiting.IsEmpty, async () =>
        {
            await Task.Yield();
            while (waiting.TryDequeue(out var call)) Volatile.Write(ref served, call);
        });
        var watch = Stopwatch.StartNew();
        for (var call = 1; call <= 1_000_000 && watch.Elapsed < TimeSpan.FromSeconds(10); call++)
        {
            for (var pause = call % 200; pause > 0; pause--) Volatile.Read(ref served);
            waiting.Enqueue(call);
            pump.Signal();
            for (var spins = 1L; Volatile.Read(ref served) != call; spins++)
            {
                if (spins % 1_000_000 == 0 && watch.Elapsed > TimeSpan.FromSeconds(30)) Assert.Fail($"Call {call} was forgotten.");
            }
        }
    }

    [Fact]
    public async Task it_serves_all_callers_and_never_twice_at_once()
    {
        var waiting = new ConcurrentQueue<TaskCompletionSource>();
        int serving = 0, overlaps = 0;
        var pump = new Pump(() => !waiting.IsEmpty, async () =>
        {
            if (Interlocked.Increment(ref serving) > 1) Interlocked.Increment(ref overlaps);
            while (waiting.TryDequeue(out var one))
            {
                await Task.Yield();
                one.SetResult();
            }

            Interlocked.Decrement(ref serving);
        });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var call = 0; call < 20_000; call++)
            {
                var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                waiting.Enqueue(done);
                pump.Signal();
                await done.Task.WaitAsync(TimeSpan.FromMinutes(1));
            }
        })));

        Assert.Equal(0, overlaps);
    }

    [Fact]
    public async Task held_it_serves_nobody()
    {
        var served = false;
        var pump = new Pump(() => true, () =>
        {
            served = true;
            return Task.CompletedTask;
        });
        Assert.True(pump.TryHold());
        pump.Signal();
        await Task.Yield();
        Assert.False(served);
        Assert.False(pump.TryHold());
    }
}
