using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;

namespace CoffreFort.Server.Features.Log;

/// <summary>Which logs this journal was published as, with their keys, and the signed notes that say why one ended and another began. For anybody.</summary>
public static class SeeOrigins
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/log/origins", Get).AllowAnonymous()
        .WithSummary("The log's name and key, and the notes that link it to the logs it continues").Produces<Origins>();

    private static async Task<IResult> Get(JournalCheckpoints checkpoints, BegunLog begun, LogKeys keys, LogSettings settings, CancellationToken cancellation)
    {
        var current = (await begun.FindAsync(cancellation))?.ContinuedAs ?? (await checkpoints.LastAsync(cancellation))?.Origin ?? settings.Origin;
        var key = keys.Holds(current) ? keys.VerifierKey(current).ToString() : null;
        return Results.Ok(new Origins(current, key, settings.PrefixOf(current), await checkpoints.OriginNotesAsync(cancellation)));
    }

    /// <param name="Current">The log that checkpoints are published for now; while it waits for the cosignatures of its first one, too.</param>
    /// <param name="Key">Its key, as a line that verifiers and witnesses read (C2SP signed-note vkey). Null before the log's first moments are over, and when the key is lost.</param>
    /// <param name="Prefix">Below which address its checkpoint and tiles are.</param>
    /// <param name="Continuations">Signed notes, the oldest first: each names a log that ended, its last checkpoints, and the log that continues it.</param>
    public sealed record Origins(string Current, string? Key, string Prefix, IReadOnlyList<string> Continuations);
}
