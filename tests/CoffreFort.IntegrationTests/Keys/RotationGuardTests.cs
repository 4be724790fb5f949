using CoffreFort.Cryptography;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Keys;
using Npgsql;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>What stands between a rotation and a loss: checks of what is stored, and the order in which things are done.</summary>
public sealed class RotationGuardTests : IAsyncLifetime
{
    /// <summary>More than are looked at in one go.</summary>
    private const int Many = 501;

    private readonly MemoryRoot root = new();
    private KeyScene scene = null!;
    private KeyScene.Node node = null!;

    public async Task InitializeAsync()
    {
        scene = await KeyScene.CreateAsync();
        node = scene.AddNode(root);
    }

    public async Task DisposeAsync() => await scene.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-380")]
    public async Task of_very_many_keys_the_last_one_stored_otherwise_than_it_was_given_keeps_the_old_epoch()
    {
        var vault = await node.FillAsync(1);
        var old = EpochEnd.Current(scene.Clock.GetUtcNow());
        var last = await AddVaultsAsync(Many);
        scene.PassTheMonth();
        await DamageAsync("vault_keys", $"new.vault = '{last}'");

        var halted = await Assert.ThrowsAsync<RotationHalted>(node.RotateAsync);

        Assert.Contains($"{last} doesn't open below epoch {EpochEnd.Next(old)}: epoch {old} stays", halted.Message, StringComparison.Ordinal);
        Assert.True(root.Holds(old));
        Assert.Empty(await scene.ActsAsync());
        // It was flipped once on its way: flipped again it is as it was.
        await scene.Database.ExecuteAsync($"update vault_keys set wrapped = wrapped where vault = '{last}'; drop trigger damage on vault_keys");
        Assert.Equal([old], await node.RotateAsync());
        Assert.Equal(new KeyEpochRotated(old, EpochEnd.Next(old), Many + 1, 0, 0, Many + 1), (await scene.ActsAsync())[0].Body);
        await scene.AddNode(root).AssertReadsAsync(vault);
    }

    [Fact]
    [Trait("Requirement", "R-381")]
    public async Task a_vaults_key_is_not_replaced_when_one_below_it_is_stored_otherwise_than_it_was_given()
    {
        var vault = await node.FillAsync(2);
        await DamageAsync("object_keys", $"new.object = '{vault.Documents[1].Identity.Document}' and new.purpose = 2");

        await Assert.ThrowsAsync<CryptographicFailure>(() => node.Replacement.ReplaceAsync(vault.Id, 1, newSubject: true, (_, _) => Task.CompletedTask, default));

        Assert.Equal(1, await node.GenerationAsync(vault.Id));
        await scene.AddNode(root).AssertReadsAsync(vault);
    }

    /// <summary>An old backup holds the document's key, and would open it below a vault key that was only taken over.</summary>
    [Fact]
    [Trait("Requirement", "R-380")]
    public async Task a_vault_that_loses_a_key_while_its_own_is_taken_over_gets_another_one()
    {
        var vault = await node.FillAsync(2);
        var erased = vault.Documents[0].Identity;
        scene.PassTheMonth();
        await using var connection = await node.Source.Source.OpenConnectionAsync();
        await using var erasure = await connection.BeginTransactionAsync();
        await using (var delete = new NpgsqlCommand($"delete from object_keys where object = '{erased.Document}'", connection)) await delete.ExecuteNonQueryAsync();

        // The vault's key is read before the erasure is committed, and written after.
        var rotation = node.RotateAsync();
        await scene.UntilWaitingAsync(1, rotation);
        await erasure.CommitAsync();
        await rotation;

        var rotated = Assert.IsType<KeyEpochRotated>((await scene.ActsAsync())[0].Body);
        Assert.Equal((0L, 1L, 4L), (rotated.VaultKeys, rotated.Replaced, rotated.ObjectKeys));
        Assert.Equal(2, await node.GenerationAsync(vault.Id));
        await node.AssertReadsAsync(vault, erased);
    }

    [Fact]
    [Trait("Requirement", "R-381")]
    public async Task a_root_key_goes_once_the_journal_says_that_its_month_ended_and_what_can_be_brought_back_is_recorded_so()
    {
        await node.FillAsync(1);
        var old = EpochEnd.Current(scene.Clock.GetUtcNow());
        scene.PassTheMonth();
        IReadOnlyList<EventStore.StoredEvent> before = [];
        root.Destroying = async () => before = await scene.ActsAsync();
        var gone = new DateTimeOffset(DateTime.UtcNow.Date.AddDays(100), TimeSpan.Zero);
        root.GoneAfter = gone;

        await node.RotateAsync();

        Assert.Equal(old, Assert.IsType<KeyEpochRotated>(Assert.Single(before).Body).Epoch);
        Assert.Equal(new KeyEpochDestroyed(old, gone), (await scene.ActsAsync())[^1].Body);
        var status = await KeyStatus.ReadAsync(node.Source, default);
        Assert.Equal((old, gone), Assert.Single(status.Ended.Select(epoch => (epoch.Epoch, epoch.GoneAfter))));
        // Final was promised for seven days after the month's end.
        Assert.Equal([old], status.Late(gone.AddSeconds(-1), TimeSpan.FromDays(2)).Where(epoch => epoch == old));
        Assert.DoesNotContain(old, status.Late(gone, TimeSpan.FromDays(2)));
    }

    [Fact]
    [Trait("Requirement", "R-381")]
    public async Task a_vault_gets_another_key_and_one_for_its_texts_to_come_and_that_is_recorded_with_who_and_why()
    {
        var vault = await node.FillAsync(1);
        var operatorAccount = Actor.CommandLine() with { Account = "ops-7" };
        var rotation = new VaultRotation(node.Source, node.Replacement, new KeyActs(node.Source, scene.Journal));

        Assert.Equal(1, await rotation.RunAsync(vault.Id, DateTimeOffset.UtcNow.AddMinutes(1), "a drill", operatorAccount, (_, _) => { }, default));

        var act = Assert.Single(await scene.ActsAsync());
        Assert.Equal(new VaultKeyRotated(vault.Id, 2, 4, "a drill"), act.Body);
        Assert.Equal("ops-7", act.Header("account"));
        using var subject = await node.Store.SubjectAsync(vault.Id, default);
        Assert.Equal(2u, subject!.Generation);
        Assert.NotEqual(vault.Subject, subject.Secret.Bytes.ToArray());
        await node.AssertReadsAsync(vault);
    }

    /// <summary>Flips a bit of a wrapped key on its way into its row.</summary>
    private Task DamageAsync(string table, string when) => scene.Database.ExecuteAsync($"""
        create function damage() returns trigger language plpgsql as $$ begin new.wrapped = set_byte(new.wrapped, 7, get_byte(new.wrapped, 7) # 1); return new; end $$;
        create trigger damage before update on {table} for each row when ({when}) execute function damage();
        """);

    /// <summary>Vaults with nothing in them.</summary>
    /// <returns>The one that is looked at last.</returns>
    private async Task<Guid> AddVaultsAsync(int count)
    {
        var (epoch, parent) = await node.Epochs.CurrentAsync(default);
        using var epochKey = parent;
        using var key = SecretKey.Generate();
        var vaults = Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7()).ToArray();
        await using var insert = node.Source.Source.CreateCommand("insert into vault_keys (vault, generation, epoch, wrapped) select vault, 1, $2, wrapped from unnest($1, $3) as n(vault, wrapped)");
        foreach (var value in new object[] { vaults, epoch, vaults.Select(vault => KeyWrapping.Wrap(epochKey, KeyPurpose.Vault, vault, vault, 1, key)).ToArray() })
            insert.Parameters.Add(new NpgsqlParameter { Value = value });
        Assert.Equal(count, await insert.ExecuteNonQueryAsync());
        await using var last = node.Source.Source.CreateCommand("select vault from vault_keys order by vault desc limit 1");
        return (Guid)(await last.ExecuteScalarAsync())!;
    }
}
