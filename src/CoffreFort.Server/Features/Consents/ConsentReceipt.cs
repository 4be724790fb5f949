using CoffreFort.EventStore;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Consents;

/// <summary>The consent's receipt, in the manner of ISO/IEC TS 27560: who agreed to what, for whom, why, for how long, and where the journal has it.</summary>
public static class ConsentReceipt
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/consents/{id:guid}/receipt", Get).RequireAuthorization(Policies.HolderOrClerk)
        .WithSummary("A consent's receipt").Produces<Receipt>();

    private static async Task<IResult> Get(
        Guid id, Person person, SeeConsent see, Journal journal, KeyStore keys, CancellationToken cancellation)
    {
        if (await see.FindAsync(id, person, cancellation) is not { } consent) return Problems.Result(Refusal.NotFound);
        var vault = await journal.AggregateStreamAsync<Vault>(consent.Vault, cancellation: cancellation);
        var name = await keys.RevealAsync(consent.Vault, vault?.HolderName, cancellation);
        return Results.Ok(new Receipt(
            "ISO/IEC TS 27560:2023", id, new Principal(consent.Vault, name), new Controller(consent.Grantee, consent.GranteeName),
            new Processing(consent.Procedure, consent.Purpose, consent.LegalBasis, consent.Delivery, consent.Pieces, consent.EvidenceTypes, consent.RetentionDays),
            new Period(consent.From, consent.Until, consent.Uses), new Status(consent.State, consent.Used, consent.RevokedAt, consent.EndedBy),
            new Proof(consent.Event, consent.Position, consent.GrantedAt, $"/api/v1/receipts/{consent.Event}")));
    }

    /// <param name="Schema">The published shape that this follows in manner.</param>
    public sealed record Receipt(
        string Schema, Guid Consent, Principal Principal, Controller Controller, Processing Processing, Period Period, Status Status, Proof Record);

    /// <summary>Whose evidence it is.</summary>
    public sealed record Principal(Guid Vault, string? Name);

    /// <summary>Who may read it.</summary>
    public sealed record Controller(Guid Agency, string? Name);

    public sealed record Processing(
        string Procedure, string Purpose, string LegalBasis, string Delivery, IReadOnlyList<GrantedPiece> Pieces, IReadOnlyList<string> EvidenceTypes,
        int RetentionDays);

    public sealed record Period(DateTimeOffset From, DateTimeOffset Until, int? Uses);

    public sealed record Status(string State, int Used, DateTimeOffset? RevokedAt, string? EndedBy);

    /// <summary>The event that holds the consent.</summary>
    public sealed record Proof(Guid Event, long Position, DateTimeOffset At, string Receipt);
}
