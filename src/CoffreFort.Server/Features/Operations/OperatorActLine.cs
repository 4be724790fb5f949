using System.Globalization;
using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Keys;
using Npgsql;

namespace CoffreFort.Server.Features.Operations;

/// <summary>One recorded act of an operator, as the page shows it.</summary>
/// <param name="At">When.</param>
/// <param name="Who">A text to be looked up, with <paramref name="Account"/> as its value.</param>
/// <param name="Account">Which account or operator, where that is known.</param>
/// <param name="What">A text to be looked up, with <paramref name="Values"/>.</param>
/// <param name="Values">What it was about.</param>
/// <param name="Reason">As it was given.</param>
/// <param name="By">Who decided, as they named themselves; null where that is not asked.</param>
/// <param name="Sealed">Reason and name are there, and can't be read now.</param>
public sealed record OperatorActLine(DateTimeOffset At, string Who, string? Account, string What, object[] Values, string? Reason, string? By = null, bool Sealed = false)
{
    /// <param name="stored">An event of <see cref="OperatorActs"/>.</param>
    /// <param name="reader">Whose own acts are told as such.</param>
    public static OperatorActLine Of(StoredEvent stored, Guid reader)
    {
        var (who, account) = Actor(stored, reader);
        var (what, values, reason) = Act(stored.Body);
        return new OperatorActLine(stored.Timestamp, who, account, what, values, reason);
    }

    /// <summary>The same, with what was sealed: a reason that may name people is readable for operators alone, and only while its key is there.</summary>
    public static async Task<OperatorActLine> ReadAsync(StoredEvent stored, Guid reader, RequestKeys keys, CancellationToken cancellation)
    {
        var line = Of(stored, reader);
        if (stored.Body is not RestoredJournalAccepted accepted) return line;
        try
        {
            var (by, reason) = (await keys.RevealAsync(stored.StreamId, accepted.By, cancellation), await keys.RevealAsync(stored.StreamId, accepted.Reason, cancellation));
            return line with { By = by, Reason = reason };
        }
        catch (Exception failure) when (failure is NpgsqlException or Unavailable or RootKeyRefused or CryptographicFailure or IOException)
        {
            return line with { Sealed = true };
        }
    }

    private static (string Who, string? Account) Actor(StoredEvent stored, Guid reader)
    {
        if (stored.Header("account") is { } account) return (Texts.Of("par le compte {0}, en ligne de commande"), account);
        if (!Guid.TryParse(stored.Header("actor"), out var actor) || actor == Acts.Actor.System) return (Texts.Of("par le système"), null);
        return actor == reader ? (Texts.Of("par vous"), null) : (Texts.Of("par l'exploitant {0}"), actor.ToString("N")[..8]);
    }

    private static (string What, object[] Values, string? Reason) Act(IEvent act) => act switch
    {
        ViewRebuildStarted { Resumed: true } started => (Texts.Of("Reconstruction de {0} reprise"), [started.View], null),
        ViewRebuildStarted started => (Texts.Of("Reconstruction de {0} commencée"), [started.View], null),
        ViewRebuilt rebuilt => (Texts.Of("{0} est reconstruit : {1} événements en {2} s"), [rebuilt.View, rebuilt.Events, (rebuilt.Milliseconds / 1000.0).ToString("0.0", CultureInfo.CurrentCulture)], null),
        ViewRebuildFailed failed => (Texts.Of("Reconstruction de {0} abandonnée"), [failed.View], failed.Reason),
        PoisonEventRetried retried => (Texts.Of("Nouvel essai de l'événement {1} pour {0}"), [retried.Subscription, retried.Position], retried.Reason),
        PoisonEventSkipped skipped => (Texts.Of("Événement {1} ({2}) passé pour {0}"), [skipped.Subscription, skipped.Position, skipped.EventType], skipped.Reason),
        DeadMessageResent resent => (Texts.Of("Message {0} envoyé de nouveau vers {1}"), [resent.Message.ToString("N")[..8], resent.Destination], resent.Reason),
        KeyEpochRotated rotated => (Texts.Of("Clés du mois {0} reprises : {1} coffres, dont {2} avec une clé neuve"), [rotated.Epoch, rotated.VaultKeys + rotated.Replaced, rotated.Replaced], null),
        KeyEpochDestroyed destroyed => (Texts.Of("Clé du mois {0} détruite"), [destroyed.Epoch], null),
        VaultKeyRotated rotated => (Texts.Of("Clé du coffre {0} renouvelée, {1} clés reprises"), [rotated.Vault.ToString("N")[..8], rotated.ObjectKeys], rotated.Reason),
        RestoredJournalAccepted { LostFrom: { } from } accepted => (Texts.Of("Journal restauré accepté : événements {0} à {1} perdus"), [from, accepted.LostTo ?? from], null),
        RestoredJournalAccepted => (Texts.Of("Journal restauré accepté, rien ne manque"), [], null),
        _ => (Texts.Of("Acte inconnu de cette version"), [], null),
    };
}
