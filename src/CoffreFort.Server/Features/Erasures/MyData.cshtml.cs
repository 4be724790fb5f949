using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>My data: what waits to be erased, what was, with its certificates, and the way to have the whole vault erased.</summary>
[Authorize(Policies.Holder)]
public sealed class MyDataModel(VaultFinder vaults, ErasureReader erasures, EvidenceCatalogue catalogue, EventStore.Journal journal) : PageModel
{
    private const int Most = 200;

    public VaultEntry? Vault { get; private set; }

    /// <summary>Of the vault as a whole.</summary>
    public ErasureView? Whole { get; private set; }

    public IReadOnlyList<ErasureLine> Pending { get; private set; } = [];

    /// <summary>Newest first; of vaults that were erased before, too.</summary>
    public IReadOnlyList<ErasureLine> Done { get; private set; } = [];

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        var person = Person.From(User);
        Vault = await vaults.OfHolderAsync(person.Id, cancellation);
        var all = new List<ErasureView>();
        foreach (var vault in await vaults.EverOfHolderAsync(person.Id, cancellation))
            all.AddRange(await erasures.ListAsync(vault.Vault, person, null, Most, cancellation));
        Whole = all.FirstOrDefault(erasure => erasure.Subject == Vault?.Vault);
        var lines = new List<ErasureLine>();
        foreach (var erasure in all) lines.Add(new ErasureLine(erasure, await NameOfAsync(erasure, cancellation)));
        Pending = [.. lines.Where(line => line.Erasure is { State: ErasureView.Pending, Kind: "document" }).OrderBy(line => line.Erasure.TakesEffect)];
        Done = [.. lines.Where(line => line.Erasure.State != ErasureView.Pending).OrderByDescending(line => line.Erasure.ErasedAt)];
    }

    /// <summary>The kind of evidence; the title went with the document. Null for a vault.</summary>
    private async Task<string?> NameOfAsync(ErasureView erasure, CancellationToken cancellation) =>
        erasure.Kind == "vault" || await journal.AggregateStreamAsync<Documents.Document>(erasure.Subject, cancellation: cancellation) is not { } document
            ? null
            : catalogue.NameOf(document.EvidenceType);
}

/// <param name="Name">Of the kind of evidence; null for a vault.</param>
public sealed record ErasureLine(ErasureView Erasure, string? Name);
