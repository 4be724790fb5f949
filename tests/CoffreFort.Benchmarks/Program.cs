using CoffreFort.Benchmarks.Blobs;
using CoffreFort.Benchmarks.Journal;

return args switch
{
    ["journal", .. var rest] => await JournalBenchmark.RunAsync(rest),
    ["blobs", .. var rest] => await BlobBenchmark.RunAsync(rest),
    _ => Help(),
};

static int Help()
{
    Console.WriteLine("""
        Benchmarks, each side by side with its floor in one run, on a private durable PostgreSQL; medians.

          scripts/bench journal [--rounds 5] [--seconds 1] [--callers 1,8,32,128,256] [--replay 200000] [--sizes 0,1000000]
                                [--only append,existing,aggregate,replay,growth]
            appends a second to new and to existing streams, live aggregation, replay and rebuilds, appends as the journal grows

          scripts/bench blobs [--rounds 5]
            both blob stores side by side: upload, upload with reading back, download
        """);
    return 2;
}
