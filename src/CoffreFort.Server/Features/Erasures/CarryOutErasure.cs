using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>
/// Carries erasures out: the event that decides, then the keys, then the blobs, then what rested on it, and last the event that says so. Each step can be
/// repeated, so that whoever dies on the way leaves nothing that the next one does not finish. Safe for concurrent use, on any number of nodes.
/// </summary>
public sealed class CarryOutErasure(
    Journal journal, ActRunner acts, KeyDestruction keys, IBlobStore blobs, ErasedRests rests, ILogger<CarryOutErasure> log)
{
    /// <summary>So long a holder waits for it; a large vault takes longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The same as <see cref="DocumentAsync"/>, right after a holder's act: what can't be done now, the clock does.</summary>
    public Task TryDocumentAsync(Guid document) => Task.WhenAny(TryAsync(document, DocumentAsync), Task.Delay(Patience));

    /// <inheritdoc cref="TryDocumentAsync"/>
    public Task TryVaultAsync(Guid vault) => Task.WhenAny(TryAsync(vault, VaultAsync), Task.Delay(Patience));

    /// <summary>Erases a document whose time has come, to the end; one whose time has not come is left as it is.</summary>
    /// <returns>Whether nothing is left to do.</returns>
    public async Task<bool> DocumentAsync(Guid document, CancellationToken cancellation)
    {
        await acts.RunAsync(Actor.Clockwork("erasure"), async session =>
        {
            var stream = await session.FetchForWriting<Document>(document, cancellation);
            var vault = await session.FetchGuarded<Vault>(stream.State.Vault, cancellation);
            stream.Append([.. EraseDueDocument.Decide(vault.State, document, stream.State, session.Now).Events]);
            return null;
        }, cancellation);
        return await FinishAsync(document, cancellation);
    }

    /// <summary>Erases a vault whose time has come, to the end; one whose time has not come is left as it is.</summary>
    /// <returns>Whether nothing is left to do.</returns>
    public async Task<bool> VaultAsync(Guid vault, CancellationToken cancellation)
    {
        await acts.RunAsync<Vault>(Actor.Clockwork("erasure"), vault, EraseDueVault.Decide, cancellation);
        var state = await journal.AggregateStreamAsync<Vault>(vault, cancellation: cancellation);
        if (state is not { Erasure.Erased: true }) return false;
        if (state.Erasure.Destroyed) return true;
        var held = await FindRestsAsync(vault, cancellation);
        foreach (var document in held.Documents) await EraseWithVaultAsync(document, state.Erasure.By, cancellation);
        await keys.VaultAsync(vault, cancellation);
        foreach (var document in held.Documents) await FinishAsync(document, cancellation);
        await rests.EndAsync(held, state.Erasure.By, cancellation);
        var documents = new List<Document>();
        foreach (var document in held.Documents) documents.Add((await journal.AggregateStreamAsync<Document>(document, cancellation: cancellation))!);
        await acts.RunAsync<Vault>(Actor.Clockwork("erasure"), vault, (current, now) => Destroyed(current, documents, now), cancellation);
        return true;
    }

    /// <summary>Of what was erased to its end before: its keys, if they came back from a backup.</summary>
    internal async Task DestroyAgainAsync(ErasureEntry erased, CancellationToken cancellation)
    {
        if (erased.IsVault) await keys.VaultAsync(erased.Subject, cancellation);
        else if (await journal.AggregateStreamAsync<Document>(erased.Subject, cancellation: cancellation) is { Erasure.Destroyed: true } document)
            await keys.DocumentAsync(document.Vault, erased.Subject, cancellation);
    }

    private static Decision Destroyed(Vault vault, IReadOnlyList<Document> documents, DateTimeOffset now)
    {
        if (vault.Erasure.Destroyed) return Decision.Nothing;
        Document[] erasedWithIt = [.. documents.Where(document => document.ErasedWithVault)];
        var keysOfAll = erasedWithIt.Sum(KeysOf) + 2;
        return Decision.Of(new VaultKeysDestroyed(erasedWithIt.Length, keysOfAll, erasedWithIt.Sum(document => document.Versions.Count), EpochEnd.FinalAfter(now)));
    }

    /// <summary>A view that stands still must not keep the keys: they go at once, and the rest follows when the view does.</summary>
    private async Task<VaultRests> FindRestsAsync(Guid vault, CancellationToken cancellation)
    {
        try
        {
            return await rests.OfVaultAsync(vault, cancellation);
        }
        catch (JournalUnavailableException)
        {
            await keys.VaultAsync(vault, cancellation);
            throw;
        }
    }

    private Task<Outcome> EraseWithVaultAsync(Guid document, Guid holder, CancellationToken cancellation) => acts.RunAsync<Document>(
        Actor.Clockwork("erasure"), document,
        (state, _) => state.Erasure.Erased ? Decision.Nothing : Decision.Of(new DocumentErased(holder, ErasureCauses.Vault)), cancellation);

    /// <summary>Of an erased document: keys, blobs, consents, and the word that it is done.</summary>
    private async Task<bool> FinishAsync(Guid id, CancellationToken cancellation)
    {
        var document = await journal.AggregateStreamAsync<Document>(id, cancellation: cancellation);
        if (document is not { Erasure.Erased: true }) return false;
        if (document.Erasure.Destroyed) return true;
        await keys.DocumentAsync(document.Vault, id, cancellation);
        foreach (var version in document.Versions) await blobs.DeleteAsync(version.Content.Blob, cancellation);
        if (!document.ErasedWithVault) await rests.EndConsentsAsync(id, cancellation);
        await acts.RunAsync<Document>(
            Actor.Clockwork("erasure"), id,
            (state, now) => state.Erasure.Destroyed
                ? Decision.Nothing
                : Decision.Of(new KeyDestroyed(state.Vault, KeysOf(state), state.Versions.Count, EpochEnd.FinalAfter(now))), cancellation);
        return true;
    }

    /// <summary>Two for each version, and the one of its texts.</summary>
    private static int KeysOf(Document document) => (2 * document.Versions.Count) + 1;

    private async Task TryAsync(Guid id, Func<Guid, CancellationToken, Task<bool>> carryOut)
    {
        try
        {
            // Not for the one who asked to break off: it was decided.
            await carryOut(id, CancellationToken.None);
        }
#pragma warning disable CA1031 // Whatever it was, the clock goes on with it.
        catch (Exception failure)
        {
            log.LogWarning(failure, "An erasure was decided and could not be carried out to its end yet; the clock goes on with it");
        }
#pragma warning restore CA1031
    }
}
