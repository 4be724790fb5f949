using CoffreFort.EventStore;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Views;

namespace CoffreFort.Server.Features.Documents;

/// <summary>Which blobs an event refers to, for the sweeper: asked of the list of documents, but only once it has seen all that the journal holds.</summary>
public sealed class ReferencedBlobs(Journal journal, Subscriptions subscriptions, ViewDatabase views)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <exception cref="JournalUnavailableException">The list stays behind the journal: nothing can be said now, and nothing may be swept.</exception>
    public async Task<IReadOnlySet<BlobName>> FindAsync(IReadOnlyCollection<BlobName> names, CancellationToken cancellation)
    {
        var head = await journal.HeadAsync(cancellation);
        if (!await subscriptions.WaitForAsync(DocumentList.View, head.Size, Patience, cancellation))
            throw new JournalUnavailableException($"The list of documents has not reached position {head.Size} in time.");
        if ((await views.QueryAsync($"select seq_id from coffrefort.subscription_skips where name = {DocumentList.View} limit 1", row => row.GetInt64(0), cancellation)).Count > 0)
            throw new JournalUnavailableException("The list of documents passed over an event by decision: what it names can't be told from it, and nothing is swept until it is rebuilt.");
        string[] wanted = [.. names.Select(name => name.ToString())];
        var found = await views.QueryAsync(
            $"select blob from coffrefort_views.document_list where blob = any({wanted})", row => BlobName.Parse(row.GetString(0)), cancellation);
        return found.ToHashSet();
    }
}
