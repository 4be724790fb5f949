using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Operations.Integrity;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CoffreFort.IntegrationTests.Features.Erasures;

/// <summary>What tests of erasure ask past the server: which keys there are, what fsck finds, whether it is done yet.</summary>
internal sealed class ErasureScene(CoffreFortServer server)
{
    /// <summary>The keys of a vault, its own among them, or of a document.</summary>
    public async Task<long> CountAsync(Guid vaultOrDocument)
    {
        await using var owner = NpgsqlDataSource.Create(server.KeyDatabase.OwnerConnectionString);
        await using var count = owner.CreateCommand(
            "select (select count(*) from object_keys where object = $1 or vault = $1) + (select count(*) from vault_keys where vault = $1)");
        count.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = vaultOrDocument });
        return (long)(await count.ExecuteScalarAsync())!;
    }

    public async Task<IReadOnlyList<Finding>> FindingsAsync()
    {
        var findings = new List<Finding>();
        await using var scope = server.Services.CreateAsyncScope();
        await ActivatorUtilities.CreateInstance<IntegrityCheck>(scope.ServiceProvider).RunAsync(new IntegrityReport(findings.Add));
        return findings;
    }

    public async Task<Document> UntilDestroyedAsync(Guid document)
    {
        await UntilAsync(async () => (await server.Journal.AggregateStreamAsync<Document>(document))!.Erasure.Destroyed);
        return (await server.Journal.AggregateStreamAsync<Document>(document))!;
    }

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var tries = 0; tries < 600; tries++)
        {
            if (await condition()) return;
            await Task.Delay(100);
        }

        Assert.Fail("It did not come to that within a minute.");
    }
}
