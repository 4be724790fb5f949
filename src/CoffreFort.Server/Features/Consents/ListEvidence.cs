using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Consents;

/// <summary>A clerk sees what the agency may read under a consent now. Looking at the list opens no document.</summary>
public sealed class ListEvidence(Journal journal, EvidenceReader reader, RefusedReads refused, DocumentLister documents, RequestKeys keys)
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/consents/{id:guid}/evidence", Get).RequireAuthorization(Policies.Clerk)
        .WithSummary("What may be read under a consent now").Produces<Paged<EvidenceItem>>();

    private static async Task<IResult> Get(Guid id, HttpContext http, Person person, ListEvidence evidence, CancellationToken cancellation)
    {
        var (items, refusal) = await evidence.OfAsync(id, person.Id, http.Actor(), cancellation);
        return refusal is null ? Results.Ok(new Paged<EvidenceItem>(items, null)) : Problems.Result(refusal);
    }

    /// <summary>The evidence, or why this clerk sees none; a refused attempt stands in the holder's log.</summary>
    public async Task<(IReadOnlyList<EvidenceItem> Items, Refusal? Refusal)> OfAsync(Guid id, Guid clerk, Actor actor, CancellationToken cancellation)
    {
        if (await reader.FindAsync(id, cancellation) is not { Granted: { } granted } consent) return ([], Refusal.NotFound);
        var grantee = await reader.GranteeAsync(granted, cancellation);
        var now = await journal.NowAsync(cancellation);
        var vault = await journal.AggregateStreamAsync<Vault>(granted.Vault, cancellation: cancellation) ?? Vault.Empty;
        if ((Coverage.Deny(consent, grantee, clerk, now) ?? Coverage.DenyErased(vault, Document.Empty)) is { } denial)
        {
            await refused.NoteAsync(id, granted, denial, new ReadEvidence(Guid.Empty, clerk, null, null, null), null, actor, cancellation);
            return ([], denial.Told);
        }

        var candidates = granted.IsStanding
            ? (await documents.HeldAsync(granted.Vault, cancellation)).Where(held => granted.EvidenceTypes.Contains(held.EvidenceType)).Select(held => held.Document)
            : granted.Pieces.Select(piece => piece.Document);
        var items = new List<EvidenceItem>();
        foreach (var candidate in candidates.Distinct())
        {
            if (await journal.AggregateStreamAsync<Document>(candidate, cancellation: cancellation) is not { } document) continue;
            if (!grantee.MayRead(granted.Procedure, document.EvidenceType, now)) continue;
            var title = await keys.RevealAsync(granted.Vault, document.Title, cancellation);
            foreach (var version in Coverage.VersionsOf(granted, candidate, document, now))
            {
                items.Add(new EvidenceItem(candidate, version.Number, document.EvidenceType, title, version.Content.Size, version.Content.MediaType)
                {
                    Signature = await SignatureView.OfAsync(version.Content.Signature, granted.Vault, keys, cancellation),
                });
            }
        }

        return (items, null);
    }
}

/// <param name="Title">What the holder calls it; null once erased.</param>
public sealed record EvidenceItem(Guid Document, int Version, string EvidenceType, string? Title, long Size, string MediaType)
{
    /// <summary>The signature that it brought along; null for none.</summary>
    public SignatureView? Signature { get; init; }
}
