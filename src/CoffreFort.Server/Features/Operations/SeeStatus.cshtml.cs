using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Operations.Integrity;
using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Npgsql;

namespace CoffreFort.Server.Features.Operations;

/// <summary>The operator sees whether everything runs; the page itself stays up while what it reports on is down.</summary>
[Authorize(Policies.Operator)]
public sealed class SeeStatusModel(Journal journal, Subscriptions subscriptions, IBlobStore blobs, EpochKeys keys, SweepRecord sweep, LogStatus log) : PageModel
{
    /// <summary>Null when the journal doesn't answer.</summary>
    public JournalHead? Head { get; private set; }

    public BlobStoreHealth Blobs { get; private set; } = null!;

    /// <summary>How many epoch keys there are; null when the key database doesn't answer.</summary>
    public long? Epochs { get; private set; }

    /// <summary>How publishing the log goes.</summary>
    public CheckpointState Log => log.State;

    /// <summary>How far it is sealed; null when the journal doesn't answer.</summary>
    public Seals? Seals { get; private set; }

    /// <summary>Why the last timestamp was not had.</summary>
    public string? SealProblem => log.SealProblem;

    public IReadOnlyList<SubscriptionStatus> Views { get; private set; } = [];

    /// <summary>How far the integrity sweep is; null when the database doesn't answer.</summary>
    public SweepStatus? Integrity { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Blobs = await blobs.ProbeAsync(cancellation);
        Views = [.. subscriptions.Statuses.OrderBy(view => view.Name, StringComparer.Ordinal)];
        try
        {
            Head = await journal.HeadAsync(cancellation);
            Integrity = await sweep.ReadAsync(cancellation);
            Seals = await log.SealsAsync(cancellation);
        }
        catch (Exception failure) when (failure is JournalUnavailableException or NpgsqlException)
        {
            // That it doesn't answer is what the page says.
        }

        try
        {
            Epochs = await keys.CountAsync(cancellation);
        }
        catch (NpgsqlException)
        {
            // Likewise.
        }
    }
}
