using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary>A mixed load over all nodes, struck at random instants; after each strike all that must hold is looked at.</summary>
internal sealed class KillRun : IAsyncDisposable
{
    private readonly ServerProcess server;
    private readonly NpgsqlDataSource owner;
    private readonly MixedLoad load;
    private readonly Random random;
    private readonly IReadOnlyDictionary<string, long> before;

    private HashSet<LoadDocument> lookedAt = [];
    private HashSet<(LoadConsent Consent, bool? Revoked)> consentsLookedAt = [];
    private long blobsTo;

    private KillRun(ServerProcess server, NpgsqlDataSource owner, MixedLoad load, Random random, IReadOnlyDictionary<string, long> before) =>
        (this.server, this.owner, this.load, this.random, this.before) = (server, owner, load, random, before);

    /// <summary>What did not hold, each in a line.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Whether the strikes hit what the test is about: a write whose outcome nobody could know, and readings beside it.</summary>
    public bool ProvesSomething => load.Deeds.Any(deed => deed.WasUnknown) && load.Reads > 0 && load.Deeds.Any(deed => deed.Acknowledged);

    /// <param name="server">The first of one or several nodes, with the demo's agencies.</param>
    /// <param name="size">How much happens between two strikes.</param>
    /// <param name="random">All chance comes from it.</param>
    public static async Task<KillRun> BeginAsync(ServerProcess server, LoadSize size, Random random)
    {
        var owner = NpgsqlDataSource.Create(server.JournalDatabase.OwnerConnectionString);
        using var clerk = await server.AsAsync(LoadCheck.Clerk);
        using var holder = await server.AsAsync(LoadCheck.Holder);
        using var opened = await holder.PostAsync("/api/v1/vaults", null);
        var vault = (await opened.Content.ReadFromJsonAsync<JsonObject>())!;
        return new KillRun(server, owner, new MixedLoad((string)vault["id"]!, (string)vault["address"]!, size), random, await LoadCheck.EventCountsAsync(owner));
    }

    /// <param name="strike">Kills, and brings back what it killed.</param>
    /// <param name="thorough">Whether views, blobs and every answer are looked at too, for all that happened since they last were.</param>
    public async Task RoundAsync(Func<Task> strike, bool thorough)
    {
        await server.StaySignedInAsync();
        var deeds = load.Deeds.Count;
        var work = load.RunAsync(server.Nodes, random.Next());
        await strike();
        await work;
        owner.Clear();
        await LoadCheck.SettleAsync(load, server, load.Deeds.Skip(deeds), random);
        Faults.AddRange(await StorageCheck.JournalFaultsAsync(owner));
        Faults.AddRange(await LoadCheck.CountFaultsAsync(load, server, before));
        if (thorough || Faults.Count > 0) await LookThoroughlyAsync();
    }

    private async Task LookThoroughlyAsync()
    {
        // Views first: what was acknowledged is looked for in them.
        Faults.AddRange(await StorageCheck.CursorFaultsAsync(owner));
        var sample = load.Documents.Except(lookedAt).Concat(lookedAt.OrderBy(_ => random.Next()).Take(3));
        // A consent that was revoked since is looked at anew.
        var consents = load.Consents.Values.Select(one => (Consent: one, Revoked: one.Revoke?.Acknowledged)).ToHashSet();
        var sampled = consents.Except(consentsLookedAt).Concat(consentsLookedAt.Intersect(consents).OrderBy(_ => random.Next()).Take(3));
        Faults.AddRange(await LoadCheck.FaultsAsync(load, server, [.. sample], [.. sampled.Select(one => one.Consent)]));
        Faults.AddRange(await StorageCheck.FaultsAsync(server, blobsTo));
        (lookedAt, consentsLookedAt, blobsTo) = (load.Documents.ToHashSet(), consents, await SizeAsync());
    }

    /// <summary>Everything once more, from the beginning.</summary>
    public async Task EndAsync()
    {
        if (Faults.Count > 0) return;
        Faults.AddRange(await LoadCheck.FaultsAsync(load, server, [.. load.Documents], [.. load.Consents.Values]));
        Faults.AddRange(await LoadCheck.CountFaultsAsync(load, server, before));
        Faults.AddRange(await StorageCheck.FaultsAsync(server));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"""
        {load.Deeds.Count} writes, {load.Deeds.Count(deed => deed.Acknowledged)} acknowledged, {load.Deeds.Count(deed => deed.WasUnknown)} without an answer at first, {load.Deeds.Count(deed => deed.Refused is not null)} refused;
        {load.Documents.Count} deposits, {load.Requests.Count} requests, {load.Consents.Count} consents, {load.Consents.Values.Count(one => one.Revoke?.Acknowledged == true)} revoked, {load.Reads} reads
        """);

    public async ValueTask DisposeAsync() => await owner.DisposeAsync();

    private async Task<long> SizeAsync()
    {
        await using var command = owner.CreateCommand("select size from coffrefort.journal_head");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
