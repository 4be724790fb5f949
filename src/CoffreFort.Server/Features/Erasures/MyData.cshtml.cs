using System.Globalization;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>My data: what waits to be erased, what was, with its certificates, and the way to have the whole vault erased.</summary>
[Authorize(Policies.Holder)]
public sealed class MyDataModel(VaultFinder vaults, ErasureReader erasures, EvidenceCatalogue catalogue, EventStore.Journal journal) : PageModel
{
    private const int PageSize = 50;

    public VaultEntry? Vault { get; private set; }

    /// <summary>Of the vault as a whole.</summary>
    public ErasureView? Whole { get; private set; }

    public IReadOnlyList<ErasureLine> Pending { get; private set; } = [];

    /// <summary>Of this page, the latest first; of vaults that were erased before, too.</summary>
    public IReadOnlyList<ErasureLine> Done { get; private set; } = [];

    /// <summary>The address of the next page; null on the last.</summary>
    public string? Next { get; private set; }

    /// <summary>This page is all there is.</summary>
    public bool IsWhole { get; private set; }

    public async Task OnGetAsync(DateTimeOffset? before, Guid? after, CancellationToken cancellation)
    {
        var person = Person.From(User);
        Vault = await vaults.OfHolderAsync(person.Id, cancellation);
        Whole = Vault is null ? null : await erasures.FindAsync(Vault.Vault, person, cancellation);
        var last = new ErasurePlace(before?.ToUniversalTime() ?? DateTimeOffset.MaxValue, after ?? Guid.Empty);
        var page = Paged.Of(await erasures.LatestAsync(person, last, PageSize + 1, cancellation), PageSize, Address);
        (Next, IsWhole) = (page.Next, page.Next is null && before is null);
        var lines = new List<ErasureLine>();
        foreach (var place in page.Items)
            if (await erasures.FindAsync(place.Subject, person, cancellation) is { } erasure) lines.Add(new ErasureLine(erasure, await NameOfAsync(erasure, cancellation)));
        Pending = [.. lines.Where(line => line.Erasure is { State: ErasureView.Pending, Kind: "document" }).OrderBy(line => line.Erasure.TakesEffect)];
        Done = [.. lines.Where(line => line.Erasure.State != ErasureView.Pending).OrderByDescending(line => line.Erasure.ErasedAt)];
    }

    private string Address(ErasurePlace last) => Url.Page(null, new { before = last.RequestedAt.ToString("O", CultureInfo.InvariantCulture), after = last.Subject })!;

    /// <summary>The kind of evidence; the title went with the document. Null for a vault.</summary>
    private async Task<string?> NameOfAsync(ErasureView erasure, CancellationToken cancellation) =>
        erasure.Kind == "vault" || await journal.AggregateStreamAsync<Documents.Document>(erasure.Subject, cancellation: cancellation) is not { } document
            ? null
            : catalogue.NameOf(document.EvidenceType);
}

/// <param name="Name">Of the kind of evidence; null for a vault.</param>
public sealed record ErasureLine(ErasureView Erasure, string? Name);
