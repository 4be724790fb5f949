using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>What a holder is told when their own document or vault is erased, or about to be. To everybody else it does not exist.</summary>
public static class ErasureRefusals
{
    public static Refusal Erased { get; } = new("erased", "Ce document a été effacé : son contenu n'existe plus.", 410);

    public static Refusal VaultErased { get; } = new("vault-erased", "Ce coffre a été effacé : ce qu'il contenait n'existe plus.", 410);

    /// <summary>Why nothing can be put into a vault, or shared from it; null when it can.</summary>
    public static Refusal? RefuseChange(Vault vault) => vault.Erasure.Erased ? VaultErased : vault.Erasure.IsClosed ? VaultClosing : null;

    /// <summary>Why nothing can be added to a document, or said of it; null when it can.</summary>
    public static Refusal? RefuseChange(Vault vault, Document document) =>
        document.Erasure.Erased ? Erased : RefuseChange(vault) is { } refusal ? refusal : document.Erasure.IsClosed ? Closing : null;

    /// <summary>Why even the holder can't read a document now; null when they can.</summary>
    public static Refusal? RefuseRead(Vault vault, Guid id, Document document, DateTimeOffset now)
    {
        if (vault.Erasure.HasEnded(now, vault.HeldUntil())) return VaultErased;
        return document.Erasure.HasEnded(now, vault.HeldUntil(id)) ? Erased : null;
    }

    /// <summary>The last instant at which a holder's read, or their change of mind, can still come before the erasure; null when none is asked for.</summary>
    public static DateTimeOffset? LastInstant(Vault vault, Guid id, Document document)
    {
        var ends = new[] { vault.Erasure.TakesEffect(vault.HeldUntil()), document.Erasure.TakesEffect(vault.HeldUntil(id)) }.OfType<DateTimeOffset>().ToList();
        return ends.Count == 0 ? null : ends.Min().AddMicroseconds(-1);
    }

    internal static Refusal BadGrace(int most) => new(
        "bad-grace", "Le délai va de 0 (tout de suite) à {0} jours. Rien n'a été effacé.", 422)
    {
        Arguments = [most],
    };

    internal static Refusal NotPending { get; } = new("no-erasure-pending", "Aucun effacement n'est en cours : il n'y a rien à annuler.");

    private static Refusal VaultClosing { get; } = new(
        "vault-erasure-pending", "L'effacement de votre coffre est demandé : rien ne peut y être ajouté ni partagé. Annulez d'abord l'effacement.");

    private static Refusal Closing { get; } = new(
        "erasure-pending", "L'effacement de ce document est demandé : rien ne peut y être changé. Annulez d'abord l'effacement.");
}
