using System.Diagnostics;
using System.Globalization;

namespace CoffreFort.Specs.Fuzzing;

/// <summary>Some cases of one parser. A case is a finding when it throws what no contract names, takes over a second, allocates more than its length allows, or does not round-trip.</summary>
internal sealed class FuzzRun(FuzzedParser parser, int seed)
{
    private const int MostFindings = 10;

    /// <summary>After this a case is held to be without an end.</summary>
    private static readonly TimeSpan s_endless = TimeSpan.FromMinutes(1);

    private readonly Mutator _mutator = new(parser, seed);
    private volatile int _number;
    private long _began;

    /// <summary>How long a case may take.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(1);

    public List<string> Findings { get; } = [];

    public int Cases { get; private set; }

    public int Taken { get; private set; }

    public long MostAllocated { get; private set; }

    public TimeSpan Slowest { get; private set; }

    /// <summary>On a thread of its own, whose stack is no larger than a server's.</summary>
    public void Go(int cases)
    {
        var worker = new Thread(() => Work(cases), maxStackSize: 1 << 20) { IsBackground = true };
        _began = Stopwatch.GetTimestamp();
        worker.Start();
        var seen = -1;
        while (!worker.Join(TimeSpan.FromSeconds(1)))
        {
            if (seen == _number && Stopwatch.GetElapsedTime(Interlocked.Read(ref _began)) > s_endless)
            {
                Findings.Add(Told(_number, _mutator.Case(_number), "has no end"));
                return;
            }

            seen = _number;
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{parser.Name}: {Cases:N0} cases of seed {seed}, {Taken:N0} taken, {Findings.Count} findings; at most {MostAllocated:N0} bytes allocated and {Slowest.TotalMilliseconds:N0} ms for one");

    private void Work(int cases)
    {
        foreach (var good in parser.Seeds) Measure(good, out _, out _, out _);
        for (_number = 0; _number < cases && Findings.Count < MostFindings; _number++)
        {
            Interlocked.Exchange(ref _began, Stopwatch.GetTimestamp());
            Judge(_number, _mutator.Case(_number));
            Cases++;
        }
    }

    private void Judge(int number, byte[] input)
    {
        var thrown = Measure(input, out var verdict, out var allocated, out var took);
        // Another program's turn, the compiler's or a collection can cost a case time and memory once; what is the input's fault comes back.
        for (var again = 0; again < 3 && (took > Longest || allocated > Allowed(input)); again++)
        {
            Measure(input, out _, out var less, out var quicker);
            (allocated, took) = (Math.Min(allocated, less), quicker < took ? quicker : took);
        }

        (MostAllocated, Slowest) = (Math.Max(MostAllocated, allocated), took > Slowest ? took : Slowest);
        if (thrown is null && verdict != Verdict.Refused) Taken++;
        if (thrown is not null) Findings.Add(Told(number, input, $"threw {thrown.GetType().Name}: {thrown.Message} {thrown.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}"));
        else if (verdict == Verdict.Differs) Findings.Add(Told(number, input, "was taken and does not round-trip"));
        if (took > Longest) Findings.Add(Told(number, input, $"took {took.TotalMilliseconds:N0} ms"));
        if (allocated > Allowed(input)) Findings.Add(Told(number, input, $"allocated {allocated:N0} bytes"));
    }

    private long Allowed(byte[] input) => parser.Base + (long)parser.PerByte * input.Length;

    private Exception? Measure(byte[] input, out Verdict verdict, out long allocated, out TimeSpan took)
    {
        var (before, began) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        verdict = Verdict.Refused;
        try
        {
            verdict = parser.Read(input);
            return null;
        }
        catch (Exception thrown)
        {
            return thrown;
        }
        finally
        {
            (allocated, took) = (GC.GetAllocatedBytesForCurrentThread() - before, Stopwatch.GetElapsedTime(began));
        }
    }

    private string Told(int number, byte[] input, string what) => string.Create(
        CultureInfo.InvariantCulture, $"{parser.Name}, case {number} of seed {seed}, {input.Length} bytes, {what}: {Convert.ToBase64String(input.AsSpan(0, Math.Min(input.Length, 3000)))}");
}
