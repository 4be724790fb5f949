using CoffreFort.Benchmarks.Journal;

return args switch
{
    ["journal", .. var rest] => await JournalBenchmark.RunAsync(rest),
    _ => Help(),
};

static int Help()
{
    Console.WriteLine("""
        Benchmarks, each side by side with its floor in one run, on a private durable PostgreSQL; medians.

          scripts/bench journal [--rounds 5] [--seconds 1.5]   appends a second, one event and ten, at 1, 8, 32 and 128 callers
        """);
    return 2;
}
