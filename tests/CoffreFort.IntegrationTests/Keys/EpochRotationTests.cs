using CoffreFort.Cryptography;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Keys;
using Npgsql;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>A month's end: what survives goes below the next epoch, and what was destroyed is dead in every older backup.</summary>
public sealed class EpochRotationTests : IAsyncLifetime
{
    private KeyScene scene = null!;

    public async Task InitializeAsync() => scene = await KeyScene.CreateAsync();

    public async Task DisposeAsync() => await scene.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-380")]
    public async Task an_epoch_that_is_over_ends_and_everything_still_opens()
    {
        var vaults = new[] { await scene.First.FillAsync(2), await scene.First.FillAsync(0) };
        var old = EpochEnd.Current(scene.Clock.GetUtcNow());
        Assert.Empty(await scene.First.RotateAsync());
        scene.PassTheMonth();
        var ahead = scene.EpochFile(EpochEnd.Next(EpochEnd.Next(old)));
        File.Delete(ahead);

        Assert.Equal([old], await scene.First.RotateAsync());

        foreach (var node in new[] { scene.First, scene.AddNode() })
            foreach (var vault in vaults) await node.AssertReadsAsync(vault);
        Assert.False(File.Exists(scene.EpochFile(old)));
        Assert.True(File.Exists(ahead), "The next month's key is there ahead of time, for a backup to hold.");
        var acts = await scene.ActsAsync();
        Assert.Equal(new KeyEpochRotated(old, EpochEnd.Next(old), 2, 0, 0, 2), acts[0].Body);
        Assert.Equal(old, Assert.IsType<KeyEpochDestroyed>(acts[1].Body).Epoch);
        Assert.Empty(await scene.First.RotateAsync());
        Assert.Equal(2, (await scene.ActsAsync()).Count);
    }

    [Fact]
    [Trait("Requirement", "R-380")]
    public async Task the_old_months_root_key_stays_until_a_backup_without_it_could_be_taken()
    {
        var vault = await scene.First.FillAsync(2);
        var old = EpochEnd.Current(scene.Clock.GetUtcNow());
        await using var nightly = await scene.BackUpAsync();
        var patient = scene.AddNode(destroyAfter: TimeSpan.FromDays(3));
        scene.PassTheMonth();
        await patient.RotateAsync();
        // The disk dies this morning: the backup of last night is of use.
        await scene.AddNode(database: nightly).AssertReadsAsync(vault);
        Assert.IsType<KeyEpochRotated>(Assert.Single(await scene.ActsAsync()).Body);

        scene.Clock.Ahead += TimeSpan.FromDays(2.9);
        await patient.RotateAsync();
        Assert.True(File.Exists(scene.EpochFile(old)));
        scene.Clock.Ahead += TimeSpan.FromDays(0.2);
        await patient.RotateAsync();
        Assert.False(File.Exists(scene.EpochFile(old)));
        Assert.IsType<KeyEpochDestroyed>((await scene.ActsAsync())[^1].Body);
        await patient.AssertReadsAsync(vault);
    }

    [Fact]
    [Trait("Requirement", "R-380")]
    public async Task a_backup_from_before_the_end_opens_nothing_with_the_live_keyring()
    {
        var vault = await scene.First.FillAsync(2);
        var erased = vault.Documents[0].Identity;
        await using var backup = await scene.BackUpAsync();
        await scene.First.DestroyAsync(erased);
        // Until the month's end the backup opens what was destroyed: that is why there is an end.
        await scene.AddNode(database: backup).AssertReadsAsync(vault);

        scene.PassTheMonth();
        await scene.First.RotateAsync();

        await scene.First.AssertReadsAsync(vault, erased);
        var restored = scene.AddNode(database: backup);
        foreach (var (identity, blob, _) in vault.Documents)
            await Assert.ThrowsAsync<RootKeyRefused>(() => restored.Store.DocumentAsync(identity, blob, default));
        await Assert.ThrowsAsync<RootKeyRefused>(() => restored.Store.SubjectAsync(vault.Id, default));
    }

    /// <summary>The vault lives on: were its key only taken over, it would go on opening the row that an old backup holds of the erased document.</summary>
    [Fact]
    [Trait("Requirement", "R-380")]
    public async Task a_row_of_an_old_backup_put_into_the_live_database_does_not_open_either()
    {
        var vault = await scene.First.FillAsync(2);
        var (erased, blob, _) = vault.Documents[0];
        var kept = await RowAsync(erased.Document);
        await scene.First.DestroyAsync(erased);
        scene.PassTheMonth();
        await scene.First.RotateAsync();
        var rotated = Assert.IsType<KeyEpochRotated>((await scene.ActsAsync())[0].Body);
        Assert.Equal((0L, 1L, 4L), (rotated.VaultKeys, rotated.Replaced, rotated.ObjectKeys));

        await using (var restore = scene.First.Source.Source.CreateCommand(
            "insert into object_keys (purpose, object, version, blob, vault, generation, wrapped) select 2, $1, 1, $2, $3, max(generation), $4 from vault_keys where vault = $3"))
        {
            foreach (var value in new object[] { erased.Document, blob.ToString(), vault.Id, kept }) restore.Parameters.Add(new NpgsqlParameter { Value = value });
            Assert.Equal(1, await restore.ExecuteNonQueryAsync());
        }

        await Assert.ThrowsAsync<CryptographicFailure>(() => scene.First.Store.DocumentAsync(erased, blob, default));
        Assert.NotNull(await scene.First.Store.DocumentAsync(vault.Documents[1].Identity, vault.Documents[1].Blob, default));
    }

    [Fact]
    public async Task an_epoch_whose_keys_do_not_all_open_stays()
    {
        var (good, bad) = (await scene.First.FillAsync(1), await scene.First.FillAsync(1));
        await scene.Database.ExecuteAsync($"update vault_keys set wrapped = set_byte(wrapped, 7, get_byte(wrapped, 7) # 1) where vault = '{bad.Id}'");
        var old = EpochEnd.Current(scene.Clock.GetUtcNow());
        scene.PassTheMonth();

        var halted = await Assert.ThrowsAsync<RotationHalted>(scene.First.RotateAsync);

        Assert.Contains("1 vault keys", halted.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(scene.EpochFile(old)));
        await scene.First.AssertReadsAsync(good);
        await scene.Database.ExecuteAsync($"update vault_keys set wrapped = set_byte(wrapped, 7, get_byte(wrapped, 7) # 1) where vault = '{bad.Id}'");
        Assert.Equal([old], await scene.First.RotateAsync());
        await scene.First.AssertReadsAsync(bad);
    }

    [Fact]
    public async Task a_key_taken_over_that_does_not_open_keeps_the_old_epoch()
    {
        var vault = await scene.First.FillAsync(1);
        scene.PassTheMonth();
        await scene.First.FillAsync(0);
        await scene.Database.ExecuteAsync($"update vault_keys set wrapped = set_byte(wrapped, 7, get_byte(wrapped, 7) # 1) where vault <> '{vault.Id}'");
        var halted = await Assert.ThrowsAsync<RotationHalted>(scene.First.RotateAsync);
        Assert.Contains("doesn't open below epoch", halted.Message, StringComparison.Ordinal);
        Assert.Empty(await scene.ActsAsync());
        await scene.First.AssertReadsAsync(vault);
    }

    [Fact]
    public async Task a_node_whose_clock_is_behind_begins_no_epoch_that_has_ended()
    {
        var vault = await scene.First.FillAsync(1);
        scene.PassTheMonth();
        await scene.First.RotateAsync();
        scene.Clock.Ahead = TimeSpan.Zero;
        var behind = scene.AddNode();
        await Assert.ThrowsAsync<Server.Unavailable>(() => behind.Store.CreateOwnerAsync(Guid.CreateVersion7(), default));
        Assert.False(File.Exists(scene.EpochFile(EpochEnd.Current(scene.Clock.GetUtcNow()))));
        await behind.AssertReadsAsync(vault);
    }

    [Fact]
    [Trait("Requirement", "R-380")]
    public async Task a_keyring_that_is_not_this_databases_begins_no_epoch()
    {
        var vault = await scene.First.FillAsync(1);
        var old = EpochEnd.Current(scene.Clock.GetUtcNow());
        var folder = Directory.CreateTempSubdirectory("coffrefort-keyring-").FullName;
        using (var other = FileKeyring.OpenOrCreate(Path.Combine(folder, "keyring")))
        {
            scene.PassTheMonth();
            var refused = await Assert.ThrowsAsync<RootKeyRefused>(() => scene.AddNode(root: other).Store.CreateOwnerAsync(Guid.CreateVersion7(), default));
            Assert.Contains($"Epoch {EpochEnd.Next(old)} is not begun", refused.Message, StringComparison.Ordinal);
            Assert.Contains("keyring", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal([old], (await KeyStatus.ReadAsync(scene.First.Source, default)).Live.Select(epoch => epoch.Epoch));
        await scene.First.FillAsync(0);
        await scene.First.AssertReadsAsync(vault);
        Directory.Delete(folder, recursive: true);
    }

    private async Task<byte[]> RowAsync(Guid document)
    {
        await using var command = scene.First.Source.Source.CreateCommand("select wrapped from object_keys where purpose = 2 and object = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = document });
        return (byte[])(await command.ExecuteScalarAsync())!;
    }
}
