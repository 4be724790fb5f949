using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.IntegrationTests.Features.Documents;
using CoffreFort.Server.Edges.Blobs;

namespace CoffreFort.IntegrationTests.Blobs.Lying;

/// <summary>Deposits and reads over HTTP while the store lies, and afterwards, when it is honest again.</summary>
internal sealed class LyingRun(Depositor holder, IBlobStore store, Lies lies)
{
    private const int Kept = 12;
    private readonly List<(Guid Id, byte[] Content)> acknowledged = [];
    private readonly ConcurrentQueue<string> faults = [];
    private int deposited;
    private int refused;
    private int readWhole;
    private int brokenOff;

    /// <summary>What must never be, each in a line.</summary>
    public IReadOnlyCollection<string> Faults => faults;

    public int Told { get; private set; }

    public async Task RoundAsync(Lie lie, int round, int seed)
    {
        var random = new Random(seed);
        if (acknowledged.Count == 0) await DepositAsync(lie, Bytes(random, 10_000));
        lies.Begin(lie, onEveryOccasion: round % 2 == 1, seed);
        var before = acknowledged.OrderBy(_ => random.Next()).Take(3).ToList();
        byte[][] contents = [Bytes(random, random.Next(1, 2000)), Bytes(random, random.Next(20_000, 400_000)), .. round % 5 == 0 ? [Bytes(random, 5 << 20)] : Array.Empty<byte[]>()];
        await Task.WhenAll([.. contents.Select(content => DepositAsync(lie, content)), .. before.Select(one => ReadAsync(lie, one.Id, one.Content, random.Next(3) == 0 ? random.Next(one.Content.Length) : null))]);
        await AskForCheckpointAsync();
        Told += lies.Told;
        lies.End();
        foreach (var (id, content) in acknowledged.TakeLast(contents.Length).Concat(before).Distinct())
            if (!await ReadAsync(lie, id, content, null)) faults.Enqueue($"{lie}: an acknowledged document of {content.Length} bytes can't be read any more");
        if (acknowledged.Count > Kept) acknowledged.RemoveRange(0, acknowledged.Count - Kept);
    }

    public override string ToString() => $"{Told} lies; {deposited} deposits acknowledged, {refused} refused; {readWhole} reads whole, {brokenOff} refused or broken off";

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private async Task DepositAsync(Lie lie, byte[] content)
    {
        using var answer = await holder.Client.PostAsync(new Uri(holder.Address, UriKind.Relative), new ByteArrayContent(content));
        if (answer.StatusCode == HttpStatusCode.Created)
        {
            var id = Guid.Parse((string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]!);
            lock (acknowledged) acknowledged.Add((id, content));
            Interlocked.Increment(ref deposited);
        }
        else if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) Interlocked.Increment(ref refused);
        else faults.Enqueue($"{lie}: a deposit was answered with {(int)answer.StatusCode}");
    }

    /// <summary>As the server does once a second; whoever goes by what it hears must not replace what somebody else wrote.</summary>
    private async Task AskForCheckpointAsync()
    {
        try
        {
            if (await store.ReadCheckpointAsync() is { } kept) await store.ReplaceCheckpointAsync(kept.Note, kept.Tag);
        }
        catch (BlobStoreException)
        {
            // Said, and nothing done.
        }
    }

    /// <returns>Whether all of it came; whatever came is compared.</returns>
    private async Task<bool> ReadAsync(Lie lie, Guid id, byte[] content, int? from)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/api/v1/documents/{id}/versions/1/content", UriKind.Relative));
        if (from is not null) request.Headers.Range = new RangeHeaderValue(from, null);
        var expected = content.AsMemory(from ?? 0);
        var (released, whole) = await ReleasedAsync(request);
        if (released is not null && (released.Length > expected.Length || !expected.Span.StartsWith(released)))
            faults.Enqueue($"{lie}: wrong bytes were released ({released.Length} of {expected.Length})");
        var complete = whole && released?.Length == expected.Length;
        if (whole && !complete && released is not null) faults.Enqueue($"{lie}: {released.Length} of {expected.Length} bytes looked like a complete answer");
        if (complete) Interlocked.Increment(ref readWhole);
        else Interlocked.Increment(ref brokenOff);
        return complete;
    }

    /// <returns>What came of the content, null where it was refused; and whether the answer ended as one that is complete.</returns>
    private async Task<(byte[]? Bytes, bool Whole)> ReleasedAsync(HttpRequestMessage request)
    {
        using var released = new MemoryStream();
        var success = false;
        try
        {
            using var answer = await holder.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            success = answer.IsSuccessStatusCode;
            await using var body = await answer.Content.ReadAsStreamAsync();
            await body.CopyToAsync(released);
            return success ? (released.ToArray(), true) : (null, false);
        }
        catch (Exception brokenOff) when (brokenOff is HttpRequestException or IOException)
        {
            return (success ? released.ToArray() : null, false);
        }
    }
}
