using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>Whether a request still waits for an answer, and from this person.</summary>
public static class Answerable
{
    public static Refusal? Refuse(AccessRequest request, Vault vault, Guid holder, DateTimeOffset now) =>
        request.Asked is null || vault.Holder != holder ? Refusal.NotFound : Refuse(request, now);

    public static Refusal? Refuse(AccessRequest request, DateTimeOffset now) => request.StateAt(now) switch
    {
        AccessRequestState.Pending => null,
        AccessRequestState.Withdrawn => Withdrawn,
        AccessRequestState.Expired => Expired,
        _ => AlreadyAnswered,
    };

    private static Refusal AlreadyAnswered { get; } = new(
        "already-answered", "Cette demande a déjà reçu sa réponse. Rien n'a été modifié.");

    private static Refusal Withdrawn { get; } = new(
        "request-withdrawn", "L'administration a retiré sa demande. Rien n'a été modifié.");

    private static Refusal Expired { get; } = new(
        "request-expired", "Le délai de réponse à cette demande est écoulé. Rien n'a été modifié.");
}
