using CoffreFort.EventStore;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Consents;

/// <summary>
/// An agency that has read a version takes out the signature file that came beside it, as often as it needs while the consent stands. It holds the document's hash, by which a form that is
/// guessed could be known: so nobody gets it whose reading is not recorded, and to who has read it tells nothing more.
/// </summary>
public static class ReadEvidenceSignature
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/consents/{id:guid}/evidence/{document:guid}/signature", Get).RequireAuthorization(Policies.Clerk)
        .WithSummary("The signature file that came beside a version which was read under this consent, byte for byte. It counts as no reading")
        .Produces<byte[]>(StatusCodes.Status200OK, SignatureFile.MediaType);

    private static async Task<IResult> Get(
        Guid id, Guid document, int? version, HttpContext http, Person person, EvidenceReader reader, Journal journal, KeptSignature kept, CancellationToken cancellation)
    {
        if (await reader.FindAsync(id, cancellation) is not { Granted: { } granted } consent) return Problems.Result(Refusal.NotFound);
        var reads = (await journal.FetchStreamAsync(id, cancellation: cancellation)).Select(stored => stored.Body).OfType<EvidenceRead>();
        var grantee = await reader.GranteeAsync(granted, cancellation);
        var vault = await journal.AggregateStreamAsync<Vault>(granted.Vault, cancellation: cancellation) ?? Vault.Empty;
        var state = await journal.AggregateStreamAsync<Document>(document, cancellation: cancellation) ?? Document.Empty;
        var asked = new ReadEvidence(document, person.Id, version, null, null);
        var now = await journal.NowAsync(cancellation);
        var (number, denial) = ReadCiphertext.Covered(consent, reads, grantee, vault, state, asked, now);
        if (number is { } read) return await kept.AnswerAsync(http, document, state, read, cancellation);
        if (denial == Denial.OutOfScope) denial = DenyUnread(consent, granted, grantee, vault, state, asked, now);
        // Nobody was kept from anything: the document itself may be read.
        if (denial is null) return Problems.Result(NotRead);
        await reader.RefuseAsync(http, id, granted, denial, asked, null, cancellation);
        return Problems.Result(Refusal.NotFound);
    }

    /// <summary>Why this clerk may not even read the document, of which the agency has read nothing; null when they may.</summary>
    private static Denial? DenyUnread(Consent consent, ConsentGranted granted, Agency grantee, Vault vault, Document state, ReadEvidence asked, DateTimeOffset now)
    {
        if (Coverage.Deny(consent, grantee, asked.Clerk, now) is { } denial) return denial;
        if (ReadEvidence.Wanted(granted, state, asked, now) is null) return Denial.OutOfScope;
        if (Coverage.DenyErased(vault, state) is { } erased) return erased;
        return grantee.MayRead(granted.Procedure, state.EvidenceType, now) ? null : Denial.NotHabilitated;
    }

    private static Refusal NotRead { get; } = new("not-read", "Le fichier de signature se télécharge une fois le document lu : ouvrez ou téléchargez d'abord le document.");
}
