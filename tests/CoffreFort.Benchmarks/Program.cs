using CoffreFort.Benchmarks.Blobs;
using CoffreFort.Benchmarks.Cryptography;
using CoffreFort.Benchmarks.Journal;

return args switch
{
    ["journal", .. var rest] => await JournalBenchmark.RunAsync(rest),
    ["blobs", .. var rest] => await BlobBenchmark.RunAsync(rest),
    ["crypto", .. var rest] => await CryptoBenchmark.RunAsync(rest),
    ["floor", var address, var folder] => await BareEndpoint.RunAsync(address, folder),
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

          scripts/bench crypto [--rounds 5] [--only container,http] [--sizes 100KiB,1MiB,10MiB,1GiB]
            the container beside the bare cipher, and deposits and reads over HTTP beside a bare endpoint that encrypts, hashes and flushes
        """);
    return 2;
}
